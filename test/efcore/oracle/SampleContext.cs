using Microsoft.EntityFrameworkCore;

namespace Oracle;

public class User
{
    public int Id { get; set; }
    public string Name { get; set; } = "";
    public string? Email { get; set; }
    public decimal Balance { get; set; }
    public int Status { get; set; }
    public string? Notes { get; set; }
    public string? Lower { get; set; }
    public List<Order> Orders { get; } = [];
}

public class Order
{
    public long Id { get; set; }
    public int UserId { get; set; }
    public User? User { get; set; }
    public string Number { get; set; } = "";
}

/// <summary>The model after each case: what the cases add is in it, what they drop is not.</summary>
public class SampleContext(string provider) : DbContext
{
    public static readonly string[] Providers = ["npgsql", "sqlite", "sqlserver"];

    public DbSet<User> Users => Set<User>();

    public DbSet<Order> Orders => Set<Order>();

    // No connection is opened.
    protected override void OnConfiguring(DbContextOptionsBuilder options) => _ = provider switch
    {
        "npgsql" => options.UseNpgsql("Host=none"),
        "sqlite" => options.UseSqlite("Data Source=none"),
        _ => (DbContextOptionsBuilder)options.UseSqlServer("Server=none"),
    };

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<User>(user =>
        {
            user.ToTable("users", table => table.HasCheckConstraint("ck_users_balance", "balance >= 0"));
            user.Property(item => item.Id).HasColumnName("id");
            user.Property(item => item.Name).HasColumnName("name").HasMaxLength(50);
            user.Property(item => item.Email).HasColumnName("email").HasMaxLength(100);
            user.Property(item => item.Balance).HasColumnName("balance").HasPrecision(18, 2);
            user.Property(item => item.Status).HasColumnName("status").HasDefaultValue(1);
            user.Property(item => item.Notes).HasColumnName("notes");
            user.Property(item => item.Lower).HasColumnName("lower").HasComputedColumnSql("lower(name)", stored: provider != "sqlserver");
            user.HasIndex(item => item.Email, "ix_users_email").IsUnique();
            user.HasIndex(item => new { item.Status, item.Name }, "ix_users_status_name").IsDescending(true, false);
            user.HasIndex(item => item.Lower, "ix_users_lower");
        });
        model.Entity<Order>(order =>
        {
            order.ToTable("orders");
            order.Property(item => item.Id).HasColumnName("id");
            order.Property(item => item.UserId).HasColumnName("user_id");
            order.Property(item => item.Number).HasColumnName("number").HasMaxLength(20);
            order.HasAlternateKey(item => item.Number).HasName("ak_orders_number");
            order.HasOne(item => item.User).WithMany(item => item.Orders).HasForeignKey(item => item.UserId).HasConstraintName("fk_orders_users");
        });
    }
}
