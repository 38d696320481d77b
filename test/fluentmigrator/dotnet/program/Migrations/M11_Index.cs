using FluentMigrator;

namespace App.Migrations
{
    [Migration(11, TransactionBehavior.None)]
    public class Index : Migration
    {
        public override void Up()
        {
            Execute.Sql("CREATE INDEX users_nick ON users (nick)");
        }

        public override void Down()
        {
            Execute.Sql("DROP INDEX users_nick");
        }
    }
}
