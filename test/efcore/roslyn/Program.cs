using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Reader;

/// <summary>
/// Prints, for each document on standard input (a line of JSON with its name and its text), what the C# compiler reads of
/// its migration classes: attributes, and every call of the builder with its arguments, their values and their places.
/// </summary>
public static class Program
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly MetadataReference[] References =
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
        .Split(Path.PathSeparator)
        .Where(file => Path.GetFileName(file) is "System.Private.CoreLib.dll" or "System.Runtime.dll")
        .Select(file => (MetadataReference)MetadataReference.CreateFromFile(file))
        .ToArray();

    private record Document(string Name, string Text);

    public static void Main()
    {
        Console.InputEncoding = Console.OutputEncoding = new System.Text.UTF8Encoding(false);
        var options = new JsonSerializerOptions { PropertyNameCaseInsensitive = true };
        while (Console.ReadLine() is { } line)
            Console.WriteLine(JsonSerializer.Serialize(Read(JsonSerializer.Deserialize<Document>(line, options)!), Json));
    }

    private static object Read(Document document)
    {
        // A byte order mark is a part of the text for our reader, and a letter that stands for nothing for the compiler.
        var tree = CSharpSyntaxTree.ParseText(SourceText.From(document.Text.StartsWith('\uFEFF') ? ' ' + document.Text[1..] : document.Text));
        var model = CSharpCompilation.Create("Read", [tree], References).GetSemanticModel(tree);
        var reader = new ValueReader(model);
        return new
        {
            name = document.Name,
            // What #if leaves out: the compiler reads one of the branches.
            disabled = tree.GetRoot().DescendantTrivia().Where(trivia => trivia.IsKind(SyntaxKind.DisabledTextTrivia))
                .Select(trivia => At(trivia.Span)).ToArray(),
            broken = tree.GetDiagnostics().Any(problem => problem.Severity == DiagnosticSeverity.Error),
            classes = tree.GetRoot().DescendantNodes().OfType<ClassDeclarationSyntax>()
                .Select(node => ReadClass(node, reader)).OfType<object>().ToArray(),
        };
    }

    private static object? ReadClass(ClassDeclarationSyntax node, ValueReader reader)
    {
        string? id = null, context = null;
        foreach (var attribute in node.AttributeLists.SelectMany(list => list.Attributes))
        {
            var argument = attribute.ArgumentList?.Arguments.FirstOrDefault()?.Expression;
            switch (attribute.Name.ToString().Split('.').Last().Replace("Attribute", ""))
            {
                case "Migration" when argument is not null && reader.Constant(argument) is string text: id = text; break;
                case "DbContext" when argument is TypeOfExpressionSyntax type: context = type.Type.ToString().Split('.').Last(); break;
            }
        }

        var methods = node.Members.OfType<MethodDeclarationSyntax>().ToArray();
        var up = Calls(methods, "Up", reader);
        var down = Calls(methods, "Down", reader);
        // What derives from a class has its attributes; a snapshot of the model is no migration.
        var bases = node.BaseList?.Types.Select(type => type.Type.ToString().Split('.').Last()).ToArray() ?? [];
        var isBase = context is not null && bases.Length > 0 && !bases.Contains("ModelSnapshot");
        if (id is null && up is null && down is null && !isBase) return null;
        return new
        {
            name = node.Identifier.ValueText,
            at = At(node.Identifier.Span),
            id,
            context,
            isAbstract = node.Modifiers.Any(SyntaxKind.AbstractKeyword),
            up,
            down,
        };
    }

    private static object[]? Calls(MethodDeclarationSyntax[] methods, string name, ValueReader reader)
    {
        var method = methods.FirstOrDefault(candidate =>
            candidate.Identifier.ValueText == name
            && candidate.ParameterList.Parameters.Any(parameter => parameter.Type?.ToString().Contains("MigrationBuilder") == true));
        var body = (SyntaxNode?)method?.Body ?? method?.ExpressionBody;
        if (method is null) return null;
        var builder = method.ParameterList.Parameters[0].Identifier.ValueText;
        return body is null ? [] : body.DescendantNodes().OfType<InvocationExpressionSyntax>()
            .Where(call => reader.IsCallOn(call, builder))
            .Select(reader.Call).ToArray();
    }

    public static int[] At(TextSpan span) => [span.Start, span.End];
}

/// <summary>Values of expressions, by the compiler's own constants where it has one.</summary>
public sealed class ValueReader(SemanticModel model)
{
    /// <summary>What stands in a text for a part that only the running program knows.</summary>
    private const string Hole = "unknown_value";

    /// <summary>Whether a call is the end of a chain that begins with `name.`</summary>
    public bool IsCallOn(InvocationExpressionSyntax call, string name)
    {
        if (call.Parent is MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax }) return false;
        SyntaxNode? at = call;
        while (at is InvocationExpressionSyntax invocation)
            at = invocation.Expression is MemberAccessExpressionSyntax { RawKind: (int)SyntaxKind.SimpleMemberAccessExpression } access ? access.Expression : null;
        return at is IdentifierNameSyntax identifier && identifier.Identifier.ValueText == name;
    }

    public object Call(InvocationExpressionSyntax outermost)
    {
        var chain = new List<InvocationExpressionSyntax>();
        for (ExpressionSyntax at = outermost; at is InvocationExpressionSyntax call; at = ((MemberAccessExpressionSyntax)call.Expression).Expression)
            chain.Insert(0, call);
        return new { at = Program.At(outermost.Span), calls = chain.Select(One).ToArray() };
    }

    private object One(InvocationExpressionSyntax call)
    {
        var name = ((MemberAccessExpressionSyntax)call.Expression).Name;
        return new
        {
            name = name.Identifier.ValueText,
            at = Program.At(name.Identifier.Span),
            type = (name as GenericNameSyntax)?.TypeArgumentList.Arguments.FirstOrDefault()?.ToString(),
            arguments = Arguments(call.ArgumentList),
        };
    }

    private object[] Arguments(ArgumentListSyntax? list) => (list?.Arguments ?? default)
        // An argument that is not written yet.
        .Where(argument => !argument.Expression.IsMissing)
        .Select(argument => (object)new
        {
            name = argument.NameColon?.Name.Identifier.ValueText,
            at = Program.At(argument.Span),
            value = Value(argument.Expression),
        }).ToArray();

    /// <summary>The constant of an expression, or of the field that is set once and never again; null where there is none.</summary>
    public object? Constant(ExpressionSyntax node)
    {
        var constant = model.GetConstantValue(node);
        if (constant.HasValue) return constant.Value ?? DBNull.Value;
        return SetOnce(node) is { } value ? Constant(value) : null;
    }

    private ExpressionSyntax? SetOnce(ExpressionSyntax node) =>
        node is IdentifierNameSyntax or MemberAccessExpressionSyntax
        && model.GetSymbolInfo(node).Symbol is IFieldSymbol { IsReadOnly: true } field
        && field.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() is VariableDeclaratorSyntax { Initializer.Value: { } value }
            ? value
            : null;

    private object Value(ExpressionSyntax node)
    {
        var at = Program.At(node.Span);
        if (node is ParenthesizedExpressionSyntax inner) return Value(inner.Expression);
        if (model.GetTypeInfo(node).Type?.TypeKind != TypeKind.Enum)
        {
            switch (Constant(node))
            {
                case null: break;
                case DBNull: return new { at, @null = true };
                case string text: return new { at, text };
                case bool value: return new { at, value };
                case char letter: return new { at, text = letter.ToString() };
                case { } number: return new { at, number = Convert.ToString(number, CultureInfo.InvariantCulture) };
            }
        }

        if (Text(node) is { } mixed) return new { at, text = mixed };
        if (SetOnce(node) is { } set) return From(set, at);
        return node switch
        {
            CastExpressionSyntax cast => From(cast.Expression, at),
            TypeOfExpressionSyntax type => new { at, type = type.Type.ToString() },
            MemberAccessExpressionSyntax => new { at, member = node.ToString() },
            ArrayCreationExpressionSyntax array => new { at, items = Items(array.Initializer) },
            ImplicitArrayCreationExpressionSyntax array => new { at, items = Items(array.Initializer) },
            InitializerExpressionSyntax row => new { at, items = Items(row) },
            CollectionExpressionSyntax list when list.Elements.All(item => item is ExpressionElementSyntax) =>
                new { at, items = list.Elements.OfType<ExpressionElementSyntax>().Select(item => Value(item.Expression)).ToArray() },
            ObjectCreationExpressionSyntax made => new { at, made = made.Type.ToString().Split('.').Last(), arguments = Arguments(made.ArgumentList) },
            ImplicitObjectCreationExpressionSyntax made => new { at, made = "", arguments = Arguments(made.ArgumentList) },
            SimpleLambdaExpressionSyntax lambda => Lambda(lambda.Parameter.Identifier.ValueText, lambda.Body, at),
            ParenthesizedLambdaExpressionSyntax { ParameterList.Parameters: [var only] } lambda => Lambda(only.Identifier.ValueText, lambda.Body, at),
            _ => new { at, unknown = node.ToString() },
        };
    }

    /// <summary>A value that is written elsewhere, at the place where it is used.</summary>
    private JsonNode From(ExpressionSyntax node, int[] at)
    {
        var value = JsonSerializer.SerializeToNode(Value(node))!;
        value["at"] = JsonSerializer.SerializeToNode(at);
        return value;
    }

    private object[] Items(InitializerExpressionSyntax? row) =>
        (row?.Expressions ?? default).Where(item => !item.IsMissing).Select(Value).ToArray();

    private object Lambda(string parameter, CSharpSyntaxNode body, int[] at)
    {
        object Pick(MemberAccessExpressionSyntax access) => new { name = access.Name.Identifier.ValueText, at = Program.At(access.Name.Span) };
        switch (body)
        {
            case MemberAccessExpressionSyntax access:
                return new { at, columns = new[] { Pick(access) } };
            case AnonymousObjectCreationExpressionSyntax made when made.Initializers.All(part => part.NameEquals is null && part.Expression is MemberAccessExpressionSyntax):
                return new { at, columns = made.Initializers.Select(part => Pick((MemberAccessExpressionSyntax)part.Expression)).ToArray() };
            case AnonymousObjectCreationExpressionSyntax made:
                return new
                {
                    at,
                    members = made.Initializers
                        .Where(part => part.NameEquals is not null && part.Expression is InvocationExpressionSyntax call && IsCallOn(call, parameter))
                        .Select(part => new
                        {
                            name = part.NameEquals!.Name.Identifier.ValueText,
                            at = Program.At(part.NameEquals.Name.Span),
                            call = Call((InvocationExpressionSyntax)part.Expression),
                        }).ToArray(),
                };
            default:
                var expressions = body is BlockSyntax block
                    ? block.Statements.OfType<ExpressionStatementSyntax>().Select(statement => statement.Expression)
                    : [(ExpressionSyntax)body];
                return new
                {
                    at,
                    calls = expressions.OfType<InvocationExpressionSyntax>().Where(call => IsCallOn(call, parameter)).Select(Call).ToArray(),
                };
        }
    }

    /// <summary>Two braces are one, which the compiler sees to later; a raw string has none to be doubled.</summary>
    private static string Plain(InterpolatedStringExpressionSyntax text, string value) =>
        text.StringStartToken.Text.Contains("\"\"\"") ? value : value.Replace("{{", "{").Replace("}}", "}");

    /// <summary>A text some parts of which are not constant; null where the expression is no text.</summary>
    private string? Text(ExpressionSyntax node)
    {
        if (Constant(node) is { } constant) return constant as string;
        return node switch
        {
            ParenthesizedExpressionSyntax inner => Text(inner.Expression),
            InterpolatedStringExpressionSyntax text => string.Concat(text.Contents.Select(part => part switch
            {
                InterpolatedStringTextSyntax plain => Plain(text, plain.TextToken.ValueText),
                InterpolationSyntax { AlignmentClause: null, FormatClause: null } hole => Text(hole.Expression) ?? Hole,
                _ => Hole,
            })),
            BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression } sum => (Text(sum.Left), Text(sum.Right)) switch
            {
                (null, null) => null,
                var (left, right) => (left ?? Hole) + (right ?? Hole),
            },
            IdentifierNameSyntax or MemberAccessExpressionSyntax when SetOnce(node) is { } value => Text(value),
            _ => null,
        };
    }
}
