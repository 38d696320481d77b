using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Design;
using Microsoft.Extensions.DependencyInjection;

namespace Oracle;

/// <summary>
/// Prints, for each provider, a line with the Designer of the sample model and a line for each case: the C# of the calls and
/// the commands that the provider makes of them, without and with the Designer's model.
/// </summary>
public static class Program
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static int Main()
    {
        Console.OutputEncoding = new System.Text.UTF8Encoding(false);
        foreach (var provider in SampleContext.Providers)
        {
            using var context = new SampleContext(provider);
            var designer = Designer(context);
            var cases = Cases.Of(provider).Distinct().ToList();
            var assembly = Compile(cases, designer);
            var model = TargetModel(assembly, context);
            Print(new { provider, designer });
            for (var index = 0; index < cases.Count; index++)
            {
                var code = cases[index];
                var method = assembly.GetType("Oracle.Migrations.Calls")!.GetMethod($"Case{index}")!;
                Print(new { provider, code, without = Ask(context, method, null), with = Ask(context, method, model) });
            }
        }

        return 0;
    }

    private static void Print(object line) => Console.WriteLine(JsonSerializer.Serialize(line, Json));

    /// <summary>Commands as text, those without a transaction as [text], and a refusal as { error }.</summary>
    private static object Ask(SampleContext context, MethodInfo method, IModel? model)
    {
        var builder = new MigrationBuilder(context.Database.ProviderName);
        try
        {
            method.Invoke(null, [builder]);
            var commands = context.GetService<IMigrationsSqlGenerator>().Generate(builder.Operations, model);
            return commands
                .Select(command => Plain(command.CommandText) is var text && command.TransactionSuppressed ? (object)new[] { text } : text)
                .ToArray();
        }
        catch (Exception error)
        {
            var inner = error is TargetInvocationException { InnerException: { } cause } ? cause : error;
            return new { error = $"{inner.GetType().Name}: {Plain(inner.Message).Split(". ")[0]}" };
        }
    }

    private static string Plain(string text) => text.ReplaceLineEndings("\n").Trim();

    private static string Designer(SampleContext context)
    {
        var services = new ServiceCollection()
            .AddEntityFrameworkDesignTimeServices()
            .AddDbContextDesignTimeServices(context);
        var name = context.Database.ProviderName!;
        var attribute = Assembly.Load(name).GetCustomAttribute<DesignTimeProviderServicesAttribute>()!;
        var design = (IDesignTimeServices)Activator.CreateInstance(Assembly.Load(name).GetType(attribute.TypeName)!)!;
        design.ConfigureDesignTimeServices(services);
        using var provider = services.BuildServiceProvider();
        return Plain(
            provider.GetRequiredService<IMigrationsCodeGenerator>().GenerateMetadata(
                "Oracle.Migrations", typeof(SampleContext), "Sample", "20260101000000_Sample",
                context.GetService<IDesignTimeModel>().Model)).Replace("\ufeff", "");
    }

    private static IModel TargetModel(Assembly assembly, SampleContext context)
    {
        var migration = (Migration)Activator.CreateInstance(assembly.GetType("Oracle.Migrations.Sample")!)!;
        migration.ActiveProvider = context.Database.ProviderName!;
        return context.GetService<IModelRuntimeInitializer>().Initialize(migration.TargetModel, designTime: true, validationLogger: null);
    }

    private static Assembly Compile(IReadOnlyList<string> cases, string designer)
    {
        var methods = cases.Select((code, index) => $"public static void Case{index}(MigrationBuilder migrationBuilder) {{\n{code}\n}}");
        var calls = $$"""
            using System;
            using System.Collections;
            using System.Collections.Generic;
            using System.Net;
            using System.Text.Json;
            using Microsoft.EntityFrameworkCore;
            using Microsoft.EntityFrameworkCore.Metadata;
            using Microsoft.EntityFrameworkCore.Migrations;
            using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;
            namespace Oracle.Migrations;
            public partial class Sample : Migration { protected override void Up(MigrationBuilder migrationBuilder) { } }
            public static class Calls {
            {{string.Join("\n", methods)}}
            }
            """;
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(file => MetadataReference.CreateFromFile(file));
        var compilation = CSharpCompilation.Create(
            "Calls",
            [CSharpSyntaxTree.ParseText(calls), CSharpSyntaxTree.ParseText(designer)],
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var stream = new MemoryStream();
        var result = compilation.Emit(stream);
        if (!result.Success)
        {
            var errors = result.Diagnostics.Where(item => item.Severity == DiagnosticSeverity.Error).Take(10);
            throw new InvalidOperationException(
                string.Join("\n", errors.Select(item => $"{item} in {item.Location.SourceTree?.GetText().Lines[item.Location.GetLineSpan().StartLinePosition.Line]}")));
        }

        return Assembly.Load(stream.ToArray());
    }
}
