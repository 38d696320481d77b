using FluentMigrator.Runner;
using Microsoft.Extensions.DependencyInjection;

var services = new ServiceCollection()
    .AddFluentMigratorCore()
    .ConfigureRunner(runner => runner
        .AddPostgres()
        .WithGlobalConnectionString(args[0])
        .ScanIn(typeof(App.Migrations.Users).Assembly).For.Migrations())
    .BuildServiceProvider();
using var scope = services.CreateScope();
scope.ServiceProvider.GetRequiredService<IMigrationRunner>().MigrateUp();
