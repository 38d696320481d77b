using FluentMigrator;

namespace App.Migrations
{
    [Migration(10, "a short name")]
    public class Nick : AutoReversingMigration
    {
        public override void Up()
        {
            Alter.Table("users").AddColumn("nick").AsString().Nullable();
        }
    }
}
