using FluentMigrator;

namespace App.Migrations
{
    [Migration(2)]
    public class Users : Migration
    {
        public override void Up()
        {
            Create.Table("users")
                .WithColumn("id").AsInt32().NotNullable().PrimaryKey()
                .WithColumn("email").AsString().NotNullable();
        }

        public override void Down()
        {
            Delete.Table("users");
        }
    }
}
