using System;
using System.Text.Json;
using FluentMigrator.Runner;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

var isSqlite = args[0].StartsWith("Data Source");
using var services = new ServiceCollection()
    .AddFluentMigratorCore()
    .ConfigureRunner(runner => (isSqlite ? runner.AddSQLite() : runner.AddPostgres())
        .WithGlobalConnectionString(args[0])
        .ScanIn(typeof(Program).Assembly).For.Migrations())
    .AddLogging(logging => logging.AddProvider(new Sent()))
    .BuildServiceProvider();
using var scope = services.CreateScope();
var migrator = scope.ServiceProvider.GetRequiredService<IMigrationRunner>();
foreach (var word in args[1..])
{
    if (word == "up") migrator.MigrateUp();
    else if (word.StartsWith("to:")) migrator.MigrateUp(long.Parse(word[3..]));
    else migrator.MigrateDown(long.Parse(word[5..]));
}

/// <summary>Prints every log entry with its event, one a line.</summary>
sealed class Sent : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
    public bool IsEnabled(LogLevel logLevel) => true;
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Console.WriteLine($"{eventId.Id} {eventId.Name} {JsonSerializer.Serialize(formatter(state, exception))}");
    public void Dispose() { }
}
