using FluentMigrator;
using FluentMigrator.Postgres;

namespace App.Migrations
{
    [Migration(20)]
    public class Rich : Migration
    {
        private const string Orders = "orders";

        public override void Up()
        {
            IfDatabase("PostgreSQL").Create.Schema("shop");
            Create.Table(Orders).WithDescription("what was bought")
                .WithColumn("id").AsInt64().PrimaryKey().Identity()
                .WithColumn("user_id").AsInt32().NotNullable().ForeignKey("users", "id").OnDelete(System.Data.Rule.Cascade)
                .WithColumn("code").AsString(20).Nullable().Unique()
                .WithColumn("total").AsDecimal(10, 2).NotNullable().WithDefaultValue(0)
                .WithColumn("paid").AsBoolean().WithDefaultValue(false)
                .WithColumn("token").AsGuid().Nullable()
                .WithColumn("note").AsString(int.MaxValue).Nullable().WithColumnDescription("their words")
                .WithColumn("kind").AsFixedLengthString(3).WithDefaultValue("abc")
                .WithColumn("made").AsDateTime().WithDefault(SystemMethods.CurrentDateTime);
            Alter.Table("users")
                .AddColumn("age").AsInt32().Nullable().WithColumnDescription("in years").SetExistingRowsTo(1)
                .AddColumn("city").AsString().NotNullable().WithDefaultValue("it's").Indexed();
            Create.Index("ix_users_email").OnTable("users").OnColumn("email").Descending().WithOptions().Unique();
            Create.UniqueConstraint().OnTable("users").Columns("nick", "age");
            Rename.Column("age").OnTable("users").To("years");
            Insert.IntoTable("users").Row(new { id = 1, email = "a'b" });
            Update.Table("users").Set(new { email = "x" }).AllRows();
            IfDatabase("PostgreSQL").Delegate(() =>
            {
                Create.Table("late").InSchema("shop").WithColumn("x").AsCustom("jsonb").Nullable();
                Alter.Column("email").OnTable("users").AsString(50).NotNullable();
                Alter.Column("city").OnTable("users").AsString(30).WithDefaultValue("here");
                Create.ForeignKey().FromTable("users").ForeignColumn("id").ToTable("users").PrimaryColumn("id");
                Delete.ForeignKey().FromTable("users").ForeignColumn("id").ToTable("users").PrimaryColumn("id");
                Create.Sequence("numbers").StartWith(5).IncrementBy(2);
                Create.Index().OnTable("orders").OnColumn("made").Ascending().OnColumn("total").Descending();
                Rename.Table("late").InSchema("shop").To("later");
            });
            IfDatabase("sqlserver").Execute.Sql("EXEC sp_who");
            IfDatabase("sqlite").Execute.Sql("CREATE TABLE later (x TEXT)");
            Delete.Index("ix_users_email").OnTable("users");
            Delete.FromTable("users").Row(new { id = 1, nick = (string)null });
            Delete.Index().OnTable("users").OnColumn("city");
            Delete.Column("city").FromTable("users");
        }

        public override void Down()
        {
            Delete.Table(Orders);
            IfDatabase("PostgreSQL").Delete.Table("later").InSchema("shop");
        }
    }
}
