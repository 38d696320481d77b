using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace ScriptDomOracle;

/// <summary>
/// Reads scripts as a JSON list of texts and prints a line for each: its statements as [class, start, end, name], those of
/// blocks behind the block, or an empty line where it has an error. The bodies of modules are left out.
/// </summary>
public static class Program
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static int Main()
    {
        Console.OutputEncoding = new System.Text.UTF8Encoding(false);
        Console.InputEncoding = new System.Text.UTF8Encoding(false);
        foreach (var script in JsonSerializer.Deserialize<string[]>(Console.In.ReadToEnd())!)
        {
            var parser = new TSql170Parser(initialQuotedIdentifiers: true);
            var parsed = parser.Parse(new StringReader(script), out var errors) as TSqlScript;
            var found = new List<object[]>();
            foreach (var batch in parsed?.Batches ?? [])
            {
                Add(batch.Statements, found);
            }

            Console.WriteLine(errors.Count > 0 || parsed is null ? "" : JsonSerializer.Serialize(found, Json));
        }

        return 0;
    }

    private static void Add(IEnumerable<TSqlStatement?> statements, List<object[]> found)
    {
        foreach (var statement in statements)
        {
            if (statement is null)
            {
                continue;
            }

            found.Add([statement.GetType().Name, statement.StartOffset, statement.StartOffset + statement.FragmentLength, NameOf(statement)]);
            switch (statement)
            {
                case IfStatement choice:
                    Add([choice.ThenStatement, choice.ElseStatement], found);
                    break;
                case WhileStatement loop:
                    Add([loop.Statement], found);
                    break;
                case BeginEndBlockStatement block:
                    Add(block.StatementList.Statements, found);
                    break;
                case TryCatchStatement attempt:
                    Add(attempt.TryStatements.Statements, found);
                    Add(attempt.CatchStatements.Statements, found);
                    break;
            }
        }
    }

    private static string NameOf(TSqlStatement statement) => statement switch
    {
        AlterTableStatement table => Of(table.SchemaObjectName),
        CreateTableStatement table => Of(table.SchemaObjectName),
        DropTableStatement table => Of(table.Objects[0]),
        TruncateTableStatement table => Of(table.TableName),
        CreateIndexStatement index => $"{index.Name.Value} on {Of(index.OnName)}",
        DropIndexStatement { DropIndexClauses: [DropIndexClause index, ..] } => $"{index.Index.Value} on {Of(index.Object)}",
        AlterIndexStatement index => $"{index.Name?.Value ?? "ALL"} on {Of(index.OnName)}",
        UpdateStatement update => Of(update.UpdateSpecification.Target),
        DeleteStatement delete => Of(delete.DeleteSpecification.Target),
        InsertStatement insert => Of(insert.InsertSpecification.Target),
        MergeStatement merge => Of(merge.MergeSpecification.Target),
        ProcedureStatementBody procedure => Of(procedure.ProcedureReference.Name),
        FunctionStatementBody function => Of(function.Name),
        ViewStatementBody view => Of(view.SchemaObjectName),
        TriggerStatementBody trigger => Of(trigger.Name),
        ExecuteStatement { ExecuteSpecification.ExecutableEntity: ExecutableProcedureReference { ProcedureReference.ProcedureReference.Name: { } name } } => Of(name),
        _ => "",
    };

    private static string Of(SchemaObjectName name) => string.Join('.', name.Identifiers.Select(part => part.Value));

    private static string Of(TableReference table) => table switch
    {
        NamedTableReference named => Of(named.SchemaObject),
        VariableTableReference variable => variable.Variable.Name,
        _ => "",
    };
}
