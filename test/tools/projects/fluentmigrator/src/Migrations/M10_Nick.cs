using FluentMigrator;

namespace App.Migrations
{
    [Migration(10, "a short name")]
    public class Nick : Migration
    {
        public override void Up()
        {
            Alter.Table("users").AddColumn("nick").AsString().Nullable();
        }

        public override void Down()
        {
            Execute.Sql("ALTER TABLE users DROP COLUMN nick");
        }
    }
}
