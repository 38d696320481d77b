using System.Reflection;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations.Builders;

namespace Oracle;

/// <summary>
/// What the providers are asked, as C#: every public method of MigrationBuilder, of the builders in CreateTable, each
/// optional argument given alone and all of them, by name and by position; and what generated migrations hold.
/// </summary>
public static class Cases
{
    public static IEnumerable<string> Of(string provider)
    {
        foreach (var method in Methods(typeof(MigrationBuilder)))
        {
            foreach (var call in Calls(method, provider))
            {
                yield return $"migrationBuilder.{call};";
            }
        }

        foreach (var method in Methods(typeof(ColumnsBuilder)))
        {
            foreach (var call in Calls(method, provider))
            {
                yield return Table($"email = table.{call}", "");
            }
        }

        foreach (var method in Methods(typeof(CreateTableBuilder<object>)))
        {
            // Its lambdas take the columns by the names that the anonymous type gives them.
            foreach (var call in Calls(method, provider))
            {
                yield return Table($"id = table.Column<int>(type: \"{Types(provider).Int}\", nullable: false), user_id = table.Column<int>(type: \"{Types(provider).Int}\", nullable: false)", $"table.{call};");
            }
        }

        foreach (var call in Written(provider))
        {
            yield return call;
        }
    }

    private static string Table(string columns, string constraints) =>
        $"migrationBuilder.CreateTable(name: \"items\", columns: table => new {{ {columns} }}"
        + (constraints == "" ? "" : $", constraints: table => {{ {constraints} }}") + ");";

    /// <summary>Those that add an operation; a new method of a later EF is among them by itself.</summary>
    private static IEnumerable<MethodInfo> Methods(Type type) =>
        type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(method => !method.IsSpecialName && method.GetBaseDefinition().DeclaringType != typeof(object) && method.Name != "Annotation")
            .Where(method => !method.GetParameters().Any(parameter => parameter.ParameterType == typeof(string[,])))
            .OrderBy(method => method.Name, StringComparer.Ordinal)
            .ThenBy(method => method.ToString(), StringComparer.Ordinal);

    private static IEnumerable<string> Calls(MethodInfo method, string provider)
    {
        var name = method.IsGenericMethodDefinition && method.Name != "CreateTable" ? $"{method.Name}<{(method.Name.Contains("Sequence") ? "long" : "string")}>" : method.Name;
        var parameters = method.GetParameters();
        var required = parameters.Where(parameter => !parameter.IsOptional).ToList();
        string Given(ParameterInfo parameter) => $"{parameter.Name}: {Value(method, parameter, provider)}";
        var least = string.Join(", ", required.Select(Given));
        yield return $"{name}({least})";
        foreach (var parameter in parameters.Where(parameter => parameter.IsOptional))
        {
            yield return $"{name}({least}{(least == "" ? "" : ", ")}{Given(parameter)})";
        }

        // Without a model data needs every type.
        if (method.Name.EndsWith("Data", StringComparison.Ordinal))
        {
            var typed = parameters.Where(parameter => !parameter.IsOptional || parameter.Name!.Contains("Type")).ToList();
            yield return $"{name}({string.Join(", ", typed.Select(Given))})";
        }

        // A default is a value or SQL, and a computed column has neither.
        var all = parameters.Where(parameter => parameter.Name is not ("defaultValueSql" or "computedColumnSql" or "stored" or "oldDefaultValueSql" or "oldComputedColumnSql" or "oldStored" or "rowVersion" or "oldRowVersion")).ToList();
        yield return $"{name}({string.Join(", ", all.Select(Given))})";
        yield return $"{name}({string.Join(", ", all.AsEnumerable().Reverse().Select(Given))})";
        yield return $"{name}({string.Join(", ", required.Select(parameter => Value(method, parameter, provider)))})";
        var leading = parameters.TakeWhile(parameter => parameter.Name is not ("unicode" or "maxLength" or "defaultValue")).ToList();
        yield return $"{name}({string.Join(", ", leading.Select(parameter => Value(method, parameter, provider)))})";
        if (method.Name == "AlterColumn")
        {
            foreach (var parameter in parameters.Where(parameter => parameter.Name!.StartsWith("old", StringComparison.Ordinal) && parameter.Name != "oldClrType"))
            {
                var now = parameters.First(other => other.Name!.Equals(parameter.Name![3..], StringComparison.OrdinalIgnoreCase));
                yield return $"{name}({least}, {Given(now)}, {Given(parameter)})";
                yield return $"{name}({least}, type: {Value(method, parameters.First(other => other.Name == "type"), provider)}, nullable: true, {(now.Name is "type" or "nullable" ? "" : Given(now) + ", ")}oldClrType: typeof(string), oldType: \"{Types(provider).Text}\", oldNullable: true{(parameter.Name is "oldType" or "oldNullable" ? "" : ", " + Given(parameter))})";
            }
        }
    }

    private static (string Text, string Varchar, string Int, string Long, string Bool, string Decimal, string Time, string Guid, string Bytes) Types(string provider) => provider switch
    {
        "npgsql" => ("text", "character varying(50)", "integer", "bigint", "boolean", "numeric(18,2)", "timestamp with time zone", "uuid", "bytea"),
        "sqlite" => ("TEXT", "TEXT", "INTEGER", "INTEGER", "INTEGER", "TEXT", "TEXT", "TEXT", "BLOB"),
        _ => ("nvarchar(max)", "nvarchar(50)", "int", "bigint", "bit", "decimal(18,2)", "datetime2", "uniqueidentifier", "varbinary(max)"),
    };

    private static string Value(MethodInfo method, ParameterInfo parameter, string provider)
    {
        var on = method.Name;
        var isForeign = on.Contains("ForeignKey");
        if (parameter.Name is "columns" or "keyColumns" && on.EndsWith("Data", StringComparison.Ordinal))
        {
            return parameter.Name == "keyColumns" ? "new[] { \"id\" }" : "new[] { \"name\", \"email\" }";
        }

        return parameter.Name switch
        {
            "name" => on switch
            {
                "AddColumn" or "AlterColumn" or "DropColumn" or "RenameColumn" or "Column" => "\"email\"",
                "CreateIndex" or "DropIndex" or "RenameIndex" => "\"ix_users_email\"",
                "EnsureSchema" or "DropSchema" => "\"audit\"",
                _ when isForeign => "\"fk_orders_users\"",
                _ when on.Contains("PrimaryKey") => "\"pk_users\"",
                _ when on.Contains("UniqueConstraint") => "\"ak_users_email\"",
                _ when on.Contains("CheckConstraint") => "\"ck_users_balance\"",
                _ when on.Contains("Sequence") => "\"order_numbers\"",
                "CreateTable" => "\"items\"",
                _ => "\"users\"",
            },
            "table" => isForeign ? "\"orders\"" : "\"users\"",
            "newName" => on switch { "RenameTable" => "\"people\"", "RenameIndex" => "\"ix_users_lower\"", "RenameSequence" => "\"numbers\"", _ => "\"mail\"" },
            "schema" or "principalSchema" => "\"audit\"",
            "newSchema" => "\"archive\"",
            "principalTable" => "\"users\"",
            "principalColumn" => "\"id\"",
            "principalColumns" => "new[] { \"id\" }",
            "column" when on is "InsertData" or "UpdateData" => "\"name\"",
            "column" when on == "ForeignKey" => "x => x.user_id",
            "column" => isForeign ? "\"user_id\"" : on == "AddPrimaryKey" ? "\"id\"" : "\"email\"",
            "columns" when on == "CreateTable" => $"table => new {{ id = table.Column<int>(type: \"{Types(provider).Int}\", nullable: false) }}",
            "columns" when on == "ForeignKey" => "x => x.user_id",
            "columns" when on is "PrimaryKey" or "UniqueConstraint" => "x => new { x.id, x.user_id }",
            "columns" => isForeign ? "new[] { \"user_id\" }" : on == "AddPrimaryKey" ? "new[] { \"id\", \"email\" }" : "new[] { \"status\", \"email\" }",
            "constraints" => "table => { table.PrimaryKey(\"pk_items\", x => x.id); }",
            "keyColumn" => "\"id\"",
            "keyColumnType" or "keyColumnTypes" => parameter.Name == "keyColumnType" ? $"\"{Types(provider).Int}\"" : $"new[] {{ \"{Types(provider).Int}\" }}",
            "columnType" => $"\"{Types(provider).Text}\"",
            "columnTypes" => $"new[] {{ \"{Types(provider).Text}\", \"{Types(provider).Text}\" }}",
            "keyValue" => "1",
            "keyValues" when parameter.ParameterType.GetArrayRank() == 2 => "new object[,] { { 1 }, { 2 } }",
            "keyValues" => method.GetParameters().Any(other => other.Name == "keyColumns") ? "new object[] { 1 }" : "new object[] { 1, 2 }",
            "value" => "\"O'Neil\"",
            "values" when parameter.ParameterType.GetArrayRank() == 2 => method.GetParameters().Any(other => other.Name == "columns")
                ? "new object[,] { { \"a\", null }, { \"b\", \"c\" } }"
                : "new object[,] { { \"a\" }, { \"b\" } }",
            "values" => method.GetParameters().Any(other => other.Name == "columns") ? "new object[] { \"a\", null }" : "new object[] { \"a\", \"b\" }",
            "sql" when on == "Sql" => "\"UPDATE users SET name = 'x' WHERE id = 1\"",
            "sql" => "\"balance >= 0\"",
            "suppressTransaction" or "unique" or "nullable" or "stored" or "rowVersion" or "cyclic" or "fixedLength" => "true",
            "oldNullable" or "oldRowVersion" or "oldStored" or "oldCyclic" or "oldFixedLength" => "true",
            "unicode" or "oldUnicode" => "false",
            "filter" => "\"email IS NOT NULL\"",
            "descending" => method.GetParameters().Any(other => other.Name == "column") ? "new[] { true }" : "new[] { false, true }",
            "type" => on.Contains("Sequence") ? "\"bigint\"" : $"\"{Types(provider).Varchar}\"",
            "oldType" => $"\"{Types(provider).Text}\"",
            "oldClrType" => "typeof(string)",
            "maxLength" => "100",
            "oldMaxLength" => "50",
            "precision" => "10",
            "oldPrecision" => "8",
            "scale" => "2",
            "oldScale" => "1",
            "defaultValue" => "\"it's\"",
            "oldDefaultValue" => "\"old\"",
            "defaultValueSql" => "\"lower('X')\"",
            "oldDefaultValueSql" => "\"lower('Y')\"",
            "computedColumnSql" => "\"lower(name)\"",
            "oldComputedColumnSql" => "\"upper(name)\"",
            "comment" => "\"it's a note\"",
            "oldComment" => "\"old note\"",
            "collation" => provider switch { "npgsql" => "\"C\"", "sqlite" => "\"NOCASE\"", _ => "\"Latin1_General_CI_AS\"" },
            "oldCollation" => provider switch { "npgsql" => "\"POSIX\"", "sqlite" => "\"RTRIM\"", _ => "\"Latin1_General_CS_AS\"" },
            "onDelete" => "ReferentialAction.Cascade",
            "onUpdate" => "ReferentialAction.SetNull",
            "startValue" => "10L",
            "incrementBy" => "5",
            "oldIncrementBy" => "2",
            "minValue" => "1L",
            "oldMinValue" => "0L",
            "maxValue" => "1000L",
            "oldMaxValue" => "500L",
            "cached" or "cacheSize" => parameter.ParameterType == typeof(bool) ? "true" : "20",
            "oldCached" or "oldCacheSize" => parameter.ParameterType == typeof(bool) ? "true" : "10",
            _ => throw new InvalidOperationException($"{method} has a parameter without a sample: {parameter.Name}"),
        };
    }

    private static IEnumerable<string> Written(string provider)
    {
        var types = Types(provider);
        string Add(string clr, string arguments) => $"migrationBuilder.AddColumn<{clr}>(name: \"value\", table: \"users\", {arguments});";
        string[] plain =
        [
            "string", "bool", "byte", "sbyte", "short", "ushort", "int", "uint", "long", "ulong", "float", "double", "decimal", "char", "Guid",
            "DateTime", "DateTimeOffset", "DateOnly", "TimeOnly", "TimeSpan", "byte[]", "string[]", "int[]", "List<string>", "List<int>", "bool?", "int?", "DateTime?", "Guid?",
        ];
        foreach (var clr in plain)
        {
            yield return Add(clr, "nullable: true");
        }

        yield return Add("string", "maxLength: 20, fixedLength: true, nullable: true");
        yield return Add("string", "maxLength: 20, unicode: false, nullable: true");
        yield return Add("byte[]", "maxLength: 20, nullable: true");
        yield return Add("byte[]", "rowVersion: true, nullable: true");
        yield return Add("decimal", "precision: 10, scale: 2, nullable: true");
        yield return Add("decimal", "precision: 10, nullable: true");
        foreach (var (clr, type, value) in Values(provider))
        {
            yield return Add(clr, $"{(type == "" ? "" : $"type: \"{type}\", ")}nullable: false, defaultValue: {value}");
        }

        foreach (var name in new[] { "Users", "order", "user name", "sch\\\"quoted", "ünï", "a1", "_x", "camelCase", "1st", "select", "timestamp", "level", "user", "name" })
        {
            yield return $"migrationBuilder.DropTable(name: \"{name}\");";
            yield return $"migrationBuilder.RenameColumn(name: \"{name}\", table: \"Users\", newName: \"n_{name}\");";
            yield return $"migrationBuilder.CreateIndex(name: \"IX_{name}\", table: \"{name}\", column: \"{name}\");";
        }

        foreach (var sql in new[] { "\"SELECT 1\"", "\"SELECT 1;\"", "\"SELECT 1; SELECT 2;\"", "@\"UPDATE \"\"users\"\" SET a = 'x';\"", "\"\"\"\n    SELECT 'raw'\n      FROM \"Users\";\n    \"\"\"", "\"-- only a comment\"", "\"\"", "\"SELECT 1\\nGO\\nSELECT 2\"", "$\"SELECT {1 + 1}\"", "\"CREATE INDEX CONCURRENTLY i ON users (a)\", suppressTransaction: true", "\"VACUUM\", true" })
        {
            yield return $"migrationBuilder.Sql({sql});";
        }

        var alter = $"migrationBuilder.AlterColumn<string>(name: \"email\", table: \"users\", ";
        yield return $"{alter}type: \"{types.Text}\", nullable: false, oldClrType: typeof(string), oldType: \"{types.Text}\", oldNullable: true);";
        yield return $"{alter}type: \"{types.Text}\", nullable: false, defaultValue: \"\", oldClrType: typeof(string), oldType: \"{types.Text}\", oldNullable: true);";
        yield return $"{alter}type: \"{types.Text}\", nullable: false, defaultValueSql: \"lower('X')\", oldClrType: typeof(string), oldType: \"{types.Text}\", oldNullable: true);";
        yield return $"{alter}type: \"{types.Text}\", nullable: true, oldClrType: typeof(string), oldType: \"{types.Text}\");";
        yield return $"{alter}type: \"{types.Varchar}\", maxLength: 50, nullable: true, oldClrType: typeof(string), oldType: \"{types.Text}\", oldNullable: true);";
        yield return $"{alter}type: \"{types.Text}\", nullable: true, oldClrType: typeof(int), oldType: \"{types.Int}\", oldNullable: true);";
        yield return $"{alter}type: \"{types.Text}\", nullable: false, oldClrType: typeof(string), oldType: \"{types.Text}\", oldDefaultValue: \"x\");";
        yield return $"{alter}type: \"{types.Text}\", nullable: false, defaultValue: \"y\", oldClrType: typeof(string), oldType: \"{types.Text}\", oldDefaultValue: \"x\");";
        yield return $"{alter}type: \"{types.Text}\", nullable: false, defaultValue: \"x\", oldClrType: typeof(string), oldType: \"{types.Text}\", oldDefaultValue: \"x\");";
        yield return $"{alter}type: \"{types.Text}\", nullable: true, comment: \"new\", oldClrType: typeof(string), oldType: \"{types.Text}\", oldNullable: true);";
        yield return $"{alter}type: \"{types.Text}\", nullable: true, oldClrType: typeof(string), oldType: \"{types.Text}\", oldNullable: true, oldComment: \"old\");";
        yield return $"{alter}type: \"{types.Text}\", nullable: true, computedColumnSql: \"lower(name)\", stored: true, oldClrType: typeof(string), oldType: \"{types.Text}\", oldNullable: true, oldComputedColumnSql: \"upper(name)\", oldStored: true);";
        yield return $"{alter}schema: \"audit\", type: \"{types.Varchar}\", nullable: false, defaultValue: \"a\", oldClrType: typeof(string), oldType: \"{types.Text}\", oldNullable: true);";
        yield return $"migrationBuilder.AlterColumn<long>(name: \"id\", table: \"orders\", type: \"{types.Long}\", nullable: false, oldClrType: typeof(int), oldType: \"{types.Int}\");";
        yield return $"migrationBuilder.AlterColumn<DateTime>(name: \"value\", table: \"users\", type: \"{types.Time}\", nullable: false, defaultValue: new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), oldClrType: typeof(DateTime), oldType: \"{types.Time}\", oldNullable: true);";

        foreach (var call in Scaffolded(types))
        {
            yield return call;
        }

        foreach (var call in provider switch { "npgsql" => Npgsql(), "sqlite" => Sqlite(types.Text), _ => SqlServer() })
        {
            yield return call;
        }
    }

    private static IEnumerable<(string Clr, string Type, string Value)> Values(string provider)
    {
        var types = Types(provider);
        yield return ("string", types.Text, "\"\"");
        yield return ("string", "", "\"\"");
        yield return ("string", types.Varchar, "\"a\\\\b\\nc\\td\"");
        yield return ("bool", types.Bool, "false");
        yield return ("bool", types.Bool, "true");
        yield return ("bool", "", "true");
        yield return ("int", types.Int, "0");
        yield return ("int", types.Int, "-1");
        yield return ("int", types.Int, "int.MaxValue");
        yield return ("int", types.Int, "0x10");
        yield return ("int", types.Int, "1_000");
        yield return ("byte", provider == "npgsql" ? "smallint" : provider == "sqlite" ? "INTEGER" : "tinyint", "(byte)0");
        yield return ("short", provider == "sqlite" ? "INTEGER" : "smallint", "(short)-3");
        yield return ("long", types.Long, "0L");
        yield return ("decimal", types.Decimal, "0m");
        yield return ("decimal", types.Decimal, "-12.50m");
        yield return ("double", provider == "npgsql" ? "double precision" : provider == "sqlite" ? "REAL" : "float", "0.0");
        yield return ("double", provider == "npgsql" ? "double precision" : provider == "sqlite" ? "REAL" : "float", "1.5e10");
        yield return ("float", provider == "npgsql" ? "real" : provider == "sqlite" ? "REAL" : "real", "0f");
        yield return ("Guid", types.Guid, "new Guid(\"00000000-0000-0000-0000-000000000000\")");
        yield return ("Guid", types.Guid, "new Guid(\"3f2504e0-4f89-11d3-9a0c-0305e82c3301\")");
        yield return ("Guid", types.Guid, "Guid.Empty");
        yield return ("DateTime", types.Time, "new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified)");
        yield return ("DateTime", types.Time, "new DateTime(2020, 2, 3, 4, 5, 6, 0, DateTimeKind.Utc)");
        yield return ("DateTime", types.Time, "new DateTime(2020, 2, 3, 4, 5, 6, 789, DateTimeKind.Utc).AddTicks(1234)");
        yield return ("DateTime", provider == "npgsql" ? "timestamp without time zone" : types.Time, "new DateTime(2020, 2, 3)");
        yield return ("DateTimeOffset", provider == "sqlserver" ? "datetimeoffset" : types.Time, "new DateTimeOffset(new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0))");
        yield return ("DateOnly", provider == "sqlite" ? "TEXT" : "date", "new DateOnly(1, 1, 1)");
        yield return ("TimeSpan", provider == "npgsql" ? "interval" : provider == "sqlite" ? "TEXT" : "time", "new TimeSpan(0, 1, 2, 3, 0)");
        yield return ("TimeOnly", provider == "npgsql" ? "time without time zone" : provider == "sqlite" ? "TEXT" : "time", "new TimeOnly(0, 0, 0)");
        yield return ("byte[]", types.Bytes, "new byte[0]");
        yield return ("byte[]", types.Bytes, "new byte[] { 1, 171 }");
        if (provider == "npgsql")
        {
            yield return ("string[]", "text[]", "new string[0]");
            yield return ("string[]", "text[]", "new[] { \"a\", \"b\" }");
            yield return ("List<string>", "text[]", "new List<string>()");
            yield return ("int[]", "integer[]", "new int[0]");
            yield return ("string", "jsonb", "\"\"");
            yield return ("string", "jsonb", "\"{}\"");
            yield return ("string", "json", "\"\"");
            yield return ("int", "mood", "0");
            yield return ("string", "citext", "\"\"");
        }
    }

    private static IEnumerable<string> Scaffolded((string Text, string Varchar, string Int, string Long, string Bool, string Decimal, string Time, string Guid, string Bytes) types)
    {
        var columns = $"id = table.Column<int>(type: \"{types.Int}\", nullable: false), user_id = table.Column<int>(type: \"{types.Int}\", nullable: true), title = table.Column<string>(type: \"{types.Text}\", nullable: false, defaultValue: \"x\")";
        string Table(string constraints, string rest = "") => $"migrationBuilder.CreateTable(name: \"items\", columns: table => new {{ {columns} }}, constraints: table => {{ {constraints} }}{rest});";
        yield return Table("table.PrimaryKey(\"pk_items\", x => x.id);");
        yield return Table("table.PrimaryKey(\"pk_items\", x => new { x.id, x.user_id });");
        yield return Table("table.PrimaryKey(\"pk_items\", x => x.id); table.UniqueConstraint(\"ak_items\", x => x.title); table.CheckConstraint(\"ck_items\", \"id > 0\"); table.ForeignKey(name: \"fk_items\", column: x => x.user_id, principalTable: \"users\", principalColumn: \"id\", onDelete: ReferentialAction.Cascade);");
        yield return Table("table.PrimaryKey(\"pk_items\", x => x.id); table.ForeignKey(name: \"fk_items\", columns: x => new { x.user_id, x.id }, principalSchema: \"audit\", principalTable: \"users\", principalColumns: new[] { \"a\", \"b\" }, onDelete: ReferentialAction.Restrict);", ", schema: \"audit\", comment: \"a note\"");
        foreach (var action in new[] { "NoAction", "Restrict", "Cascade", "SetNull", "SetDefault" })
        {
            yield return $"migrationBuilder.AddForeignKey(name: \"fk_orders_users\", table: \"orders\", column: \"user_id\", principalTable: \"users\", principalColumn: \"id\", onDelete: ReferentialAction.{action});";
        }

        // Several operations in one migration, where a provider moves or joins some.
        yield return Table("table.PrimaryKey(\"pk_items\", x => x.id);") + "\nmigrationBuilder.CreateIndex(name: \"ix_items\", table: \"items\", column: \"title\");\nmigrationBuilder.AddForeignKey(name: \"fk_items\", table: \"items\", column: \"user_id\", principalTable: \"users\", principalColumn: \"id\");";
        yield return "migrationBuilder.DropColumn(name: \"old\", table: \"users\");\nmigrationBuilder.Sql(\"UPDATE users SET name = 'x'\");";
        yield return "migrationBuilder.DropColumn(name: \"old\", table: \"users\");\nmigrationBuilder.DropColumn(name: \"older\", table: \"users\");\nmigrationBuilder.DropColumn(name: \"old\", table: \"orders\");";
        yield return $"migrationBuilder.AddColumn<string>(name: \"notes\", table: \"users\", type: \"{types.Text}\", nullable: true);\nmigrationBuilder.DropColumn(name: \"old\", table: \"users\");\nmigrationBuilder.CreateIndex(name: \"ix_users_email\", table: \"users\", column: \"email\", unique: true);";
        yield return "migrationBuilder.RenameColumn(name: \"mail\", table: \"users\", newName: \"email\");\nmigrationBuilder.DropColumn(name: \"old\", table: \"users\");";
        yield return "migrationBuilder.RenameTable(name: \"people\", newName: \"users\");\nmigrationBuilder.DropColumn(name: \"old\", table: \"users\");";
        yield return "migrationBuilder.DropIndex(name: \"ix_users_email\", table: \"users\");\nmigrationBuilder.CreateIndex(name: \"ix_users_email\", table: \"users\", column: \"email\");";
        yield return "migrationBuilder.InsertData(table: \"users\", columns: new[] { \"id\", \"name\" }, values: new object[] { 1, \"a\" });\nmigrationBuilder.Sql(\"SELECT 1\");";
    }

    private static IEnumerable<string> Npgsql()
    {
        const string index = "migrationBuilder.CreateIndex(name: \"ix_users_email\", table: \"users\", column: \"email\")";
        yield return $"{index}.Annotation(\"Npgsql:CreatedConcurrently\", true);";
        yield return $"{index}.Annotation(\"Npgsql:CreatedConcurrently\", false);";
        yield return "migrationBuilder.CreateIndex(name: \"ix\", schema: \"audit\", table: \"Users\", columns: new[] { \"a\", \"b\" }, unique: true, filter: \"a > 0\", descending: new[] { true, false }).Annotation(\"Npgsql:CreatedConcurrently\", true);";
        yield return "migrationBuilder.CreateIndex(name: \"ix\", table: \"users\", columns: new[] { \"a\", \"b\" }, descending: new bool[0]);";
        yield return $"{index}.Annotation(\"Npgsql:IndexMethod\", \"gin\");";
        yield return $"{index}.Annotation(\"Npgsql:IndexMethod\", \"gin\").Annotation(\"Npgsql:IndexOperators\", new[] {{ \"gin_trgm_ops\" }});";
        yield return $"{index}.Annotation(\"Npgsql:IndexInclude\", new[] {{ \"name\", \"Status\" }});";
        yield return $"{index}.Annotation(\"Npgsql:IndexNullSortOrder\", new[] {{ NullSortOrder.NullsFirst }});";
        yield return $"{index}.Annotation(\"Npgsql:NullsDistinct\", false);";
        yield return $"{index}.Annotation(\"Relational:Collation\", new[] {{ \"C\" }});";
        yield return $"{index}.Annotation(\"Npgsql:StorageParameter:fillfactor\", 70);";
        yield return $"{index}.Annotation(\"Npgsql:TsVectorConfig\", \"english\");";
        yield return $"{index}.Annotation(\"Npgsql:CreatedConcurrently\", true);\nmigrationBuilder.AddColumn<int>(name: \"a\", table: \"users\", type: \"integer\", nullable: true);";
        foreach (var strategy in new[] { "IdentityByDefaultColumn", "IdentityAlwaysColumn", "SerialColumn" })
        {
            yield return $"migrationBuilder.AddColumn<int>(name: \"number\", table: \"users\", type: \"integer\", nullable: false, defaultValue: 0).Annotation(\"Npgsql:ValueGenerationStrategy\", NpgsqlValueGenerationStrategy.{strategy});";
            yield return $"migrationBuilder.CreateTable(name: \"items\", columns: table => new {{ id = table.Column<int>(type: \"integer\", nullable: false).Annotation(\"Npgsql:ValueGenerationStrategy\", NpgsqlValueGenerationStrategy.{strategy}) }}, constraints: table => {{ table.PrimaryKey(\"pk_items\", x => x.id); }});";
            yield return $"migrationBuilder.AlterColumn<int>(name: \"id\", table: \"items\", type: \"integer\", nullable: false, oldClrType: typeof(int), oldType: \"integer\").Annotation(\"Npgsql:ValueGenerationStrategy\", NpgsqlValueGenerationStrategy.{strategy});";
            yield return $"migrationBuilder.AlterColumn<int>(name: \"id\", table: \"items\", type: \"integer\", nullable: false, oldClrType: typeof(int), oldType: \"integer\").OldAnnotation(\"Npgsql:ValueGenerationStrategy\", NpgsqlValueGenerationStrategy.{strategy});";
            yield return $"migrationBuilder.AlterColumn<long>(name: \"id\", table: \"items\", type: \"bigint\", nullable: false, oldClrType: typeof(int), oldType: \"integer\").Annotation(\"Npgsql:ValueGenerationStrategy\", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn).OldAnnotation(\"Npgsql:ValueGenerationStrategy\", NpgsqlValueGenerationStrategy.{strategy});";
        }

        yield return "migrationBuilder.AddColumn<int>(name: \"number\", table: \"users\", type: \"integer\", nullable: false).Annotation(\"Npgsql:ValueGenerationStrategy\", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn).Annotation(\"Npgsql:IdentitySequenceOptions\", \"'100', '2', '', '', 'False', '1'\");";
        yield return "migrationBuilder.AddColumn<uint>(name: \"xmin\", table: \"users\", type: \"xid\", rowVersion: true, nullable: false, defaultValue: 0u);";
        yield return "migrationBuilder.AddColumn<string>(name: \"t\", table: \"users\", type: \"text\", nullable: true).Annotation(\"Npgsql:CompressionMethod\", \"lz4\");";
        yield return "migrationBuilder.AlterColumn<string>(name: \"t\", table: \"users\", type: \"text\", nullable: true, oldClrType: typeof(string), oldType: \"text\", oldNullable: true).Annotation(\"Npgsql:CompressionMethod\", \"lz4\");";
        yield return "migrationBuilder.AddColumn<string>(name: \"t\", table: \"users\", type: \"text\", nullable: true, computedColumnSql: \"lower(name)\", stored: false);";
        yield return "migrationBuilder.AddColumn<string>(name: \"t\", table: \"users\", type: \"text\", nullable: true, computedColumnSql: \"lower(name)\", stored: true);";
        yield return "migrationBuilder.AlterTable(name: \"users\").Annotation(\"Npgsql:UnloggedTable\", true);";
        yield return "migrationBuilder.AlterTable(name: \"users\").OldAnnotation(\"Npgsql:UnloggedTable\", true);";
        yield return "migrationBuilder.AlterTable(name: \"users\").Annotation(\"Npgsql:StorageParameter:fillfactor\", 70);";
        yield return "migrationBuilder.AlterTable(name: \"users\").OldAnnotation(\"Npgsql:StorageParameter:fillfactor\", 70);";
        yield return "migrationBuilder.CreateTable(name: \"items\", columns: table => new { id = table.Column<int>(type: \"integer\", nullable: false) }).Annotation(\"Npgsql:UnloggedTable\", true);";
        yield return "migrationBuilder.CreateTable(name: \"items\", columns: table => new { id = table.Column<int>(type: \"integer\", nullable: false, comment: \"c\") }, comment: \"t\");";
        yield return "migrationBuilder.AlterDatabase().Annotation(\"Npgsql:Enum:mood\", \"sad,ok\");";
        yield return "migrationBuilder.AlterDatabase().Annotation(\"Npgsql:Enum:audit.mood\", \"sad,ok\");";
        yield return "migrationBuilder.AlterDatabase().Annotation(\"Npgsql:Enum:mood\", \"sad,ok,happy\").OldAnnotation(\"Npgsql:Enum:mood\", \"sad,ok\");";
        yield return "migrationBuilder.AlterDatabase().Annotation(\"Npgsql:Enum:mood\", \"sad,meh,ok\").OldAnnotation(\"Npgsql:Enum:mood\", \"sad,ok\");";
        yield return "migrationBuilder.AlterDatabase().Annotation(\"Npgsql:Enum:mood\", \"meh,sad,ok\").OldAnnotation(\"Npgsql:Enum:mood\", \"sad,ok\");";
        yield return "migrationBuilder.AlterDatabase().Annotation(\"Npgsql:Enum:mood\", \"sad\").OldAnnotation(\"Npgsql:Enum:mood\", \"sad,ok\");";
        yield return "migrationBuilder.AlterDatabase().OldAnnotation(\"Npgsql:Enum:mood\", \"sad,ok\");";
        yield return "migrationBuilder.AlterDatabase().Annotation(\"Npgsql:PostgresExtension:pg_trgm\", \",,\");";
        yield return "migrationBuilder.AlterDatabase().Annotation(\"Npgsql:PostgresExtension:hstore\", \"public,,1.4\");";
        yield return "migrationBuilder.AlterDatabase().OldAnnotation(\"Npgsql:PostgresExtension:pg_trgm\", \",,\");";
        yield return "migrationBuilder.AlterDatabase().Annotation(\"Npgsql:CollationDefinition:ci\", \"en-u-ks-primary,en-u-ks-primary,icu,False\");";
        yield return "migrationBuilder.AlterDatabase().OldAnnotation(\"Npgsql:CollationDefinition:ci\", \"en-u-ks-primary,en-u-ks-primary,icu,False\");";
        yield return "migrationBuilder.EnsureSchema(name: \"public\");";
        yield return "migrationBuilder.RenameTable(name: \"users\", schema: \"a\", newName: \"users\", newSchema: \"b\");";
        yield return "migrationBuilder.RenameTable(name: \"users\", schema: \"a\", newName: \"people\", newSchema: \"a\");";
    }

    private static IEnumerable<string> Sqlite(string text)
    {
        yield return "migrationBuilder.AddColumn<int>(name: \"id2\", table: \"users\", type: \"INTEGER\", nullable: false).Annotation(\"Sqlite:Autoincrement\", true);";
        yield return "migrationBuilder.CreateTable(name: \"items\", columns: table => new { id = table.Column<int>(type: \"INTEGER\", nullable: false).Annotation(\"Sqlite:Autoincrement\", true) }, constraints: table => { table.PrimaryKey(\"pk_items\", x => x.id); });";
        yield return $"migrationBuilder.AddColumn<string>(name: \"t\", table: \"users\", type: \"{text}\", nullable: true, computedColumnSql: \"lower(name)\", stored: true);";
        yield return $"migrationBuilder.AddColumn<string>(name: \"t\", table: \"users\", type: \"{text}\", nullable: false, defaultValueSql: \"CURRENT_TIMESTAMP\");";
        yield return "migrationBuilder.DropTable(name: \"orders\");\nmigrationBuilder.DropColumn(name: \"old\", table: \"users\");";
        yield return $"migrationBuilder.AlterColumn<string>(name: \"name\", table: \"users\", type: \"{text}\", nullable: false, defaultValue: \"\", oldClrType: typeof(string), oldType: \"{text}\", oldNullable: true);\nmigrationBuilder.Sql(\"UPDATE users SET name = 'x'\");\nmigrationBuilder.AlterColumn<string>(name: \"number\", table: \"orders\", type: \"{text}\", nullable: false, defaultValueSql: \"'n'\", oldClrType: typeof(string), oldType: \"{text}\", oldNullable: true);";
        yield return "migrationBuilder.AlterDatabase(collation: \"NOCASE\");";
        yield return "migrationBuilder.DropColumn(name: \"a\", table: \"missing\");";
    }

    private static IEnumerable<string> SqlServer()
    {
        const string index = "migrationBuilder.CreateIndex(name: \"ix_users_email\", table: \"users\", column: \"email\")";
        yield return $"{index}.Annotation(\"SqlServer:Online\", true);";
        yield return $"{index}.Annotation(\"SqlServer:Clustered\", true);";
        yield return $"{index}.Annotation(\"SqlServer:Include\", new[] {{ \"name\" }});";
        yield return $"{index}.Annotation(\"SqlServer:FillFactor\", 80);";
        yield return $"{index}.Annotation(\"SqlServer:SortInTempDb\", true);";
        yield return $"{index}.Annotation(\"SqlServer:Online\", true).Annotation(\"SqlServer:FillFactor\", 80);";
        yield return "migrationBuilder.CreateIndex(name: \"ix\", table: \"users\", column: \"email\", unique: true, filter: \"[email] IS NOT NULL\");";
        yield return "migrationBuilder.AddColumn<int>(name: \"number\", table: \"users\", type: \"int\", nullable: false, defaultValue: 0).Annotation(\"SqlServer:Identity\", \"1, 1\");";
        yield return "migrationBuilder.CreateTable(name: \"items\", columns: table => new { id = table.Column<int>(type: \"int\", nullable: false).Annotation(\"SqlServer:Identity\", \"1, 1\") }, constraints: table => { table.PrimaryKey(\"pk_items\", x => x.id); });";
        yield return "migrationBuilder.AlterColumn<int>(name: \"id\", table: \"items\", type: \"int\", nullable: false, oldClrType: typeof(int), oldType: \"int\").Annotation(\"SqlServer:Identity\", \"1, 1\");";
        yield return "migrationBuilder.AddPrimaryKey(name: \"pk_users\", table: \"users\", column: \"id\").Annotation(\"SqlServer:Clustered\", false);";
        yield return "migrationBuilder.AlterColumn<string>(name: \"t\", table: \"users\", type: \"nvarchar(max)\", nullable: true, oldClrType: typeof(string), oldType: \"nvarchar(max)\", oldNullable: true).Annotation(\"SqlServer:Sparse\", true);";
        yield return "migrationBuilder.AlterTable(name: \"users\").Annotation(\"SqlServer:MemoryOptimized\", true);";
        yield return "migrationBuilder.AlterDatabase().Annotation(\"SqlServer:MemoryOptimized\", true);";
        yield return "migrationBuilder.EnsureSchema(name: \"dbo\");";
        yield return "migrationBuilder.EnsureSchema(name: \"o'x\");";
        yield return "migrationBuilder.DropTable(name: \"a]b\", schema: \"o'x\");";
        yield return "migrationBuilder.RenameColumn(name: \"a]b\", schema: \"o'x\", table: \"t'u\", newName: \"it's\");";
        yield return "migrationBuilder.RenameTable(name: \"users\", schema: \"audit\", newName: \"people\");";
        yield return "migrationBuilder.RenameTable(name: \"users\", newName: \"users\", newSchema: \"audit\");";
        yield return "migrationBuilder.RenameTable(name: \"users\", schema: \"audit\", newName: \"users\", newSchema: \"audit\");";
        yield return "migrationBuilder.CreateIndex(name: \"ix\", schema: \"audit\", table: \"users\", columns: new[] { \"a\", \"b\" }, unique: true, filter: \"[a] IS NOT NULL\", descending: new[] { true, false }).Annotation(\"SqlServer:Clustered\", false).Annotation(\"SqlServer:Include\", new[] { \"name\", \"note\" }).Annotation(\"SqlServer:Online\", true);";
        yield return "migrationBuilder.CreateIndex(name: \"ix\", table: \"users\", columns: new[] { \"a\", \"b\" }, descending: new bool[0]);";
        yield return $"{index}.Annotation(\"SqlServer:Online\", false);";
        yield return $"{index}.Annotation(\"SqlServer:SortInTempDb\", true).Annotation(\"SqlServer:FillFactor\", 70).Annotation(\"SqlServer:DataCompression\", DataCompressionType.Page);";
        foreach (var kind in new[] { "None", "Row" })
        {
            yield return $"{index}.Annotation(\"SqlServer:DataCompression\", DataCompressionType.{kind});";
        }

        yield return "migrationBuilder.AddUniqueConstraint(name: \"ak_users_email\", table: \"users\", column: \"email\").Annotation(\"SqlServer:Clustered\", true);";
        yield return "migrationBuilder.AddPrimaryKey(name: \"pk_users\", table: \"users\", column: \"id\").Annotation(\"SqlServer:FillFactor\", 80);";

        // What a type or a null changes takes the indexes of the column with it, unless a later call makes them.
        const string alter = "migrationBuilder.AlterColumn<";
        yield return $"{alter}long>(name: \"status\", table: \"users\", type: \"bigint\", nullable: false, oldClrType: typeof(int), oldType: \"int\");";
        yield return $"{alter}string>(name: \"name\", table: \"users\", type: \"nvarchar(80)\", maxLength: 80, nullable: false, oldClrType: typeof(string), oldType: \"nvarchar(50)\", oldMaxLength: 50);";
        yield return $"{alter}string>(name: \"name\", table: \"users\", type: \"nvarchar(50)\", nullable: false, defaultValue: \"\", oldClrType: typeof(string), oldType: \"nvarchar(50)\", oldNullable: true);";
        yield return $"{alter}string>(name: \"name\", table: \"users\", type: \"nvarchar(50)\", nullable: true, oldClrType: typeof(string), oldType: \"nvarchar(50)\");";
        yield return $"{alter}string>(name: \"name\", table: \"users\", type: \"nvarchar(50)\", nullable: false, collation: \"Latin1_General_BIN\", oldClrType: typeof(string), oldType: \"nvarchar(50)\");";
        yield return $"{alter}int>(name: \"user_id\", table: \"orders\", type: \"int\", nullable: false, defaultValue: 0, oldClrType: typeof(int), oldType: \"int\", oldNullable: true);";
        yield return $"{alter}string>(name: \"email\", table: \"users\", type: \"nvarchar(max)\", nullable: true, oldClrType: typeof(string), oldType: \"nvarchar(100)\", oldNullable: true);\nmigrationBuilder.CreateIndex(name: \"ix_users_email\", table: \"users\", column: \"email\");";
        yield return $"{alter}string>(name: \"lower\", table: \"users\", type: \"nvarchar(450)\", nullable: true, computedColumnSql: \"lower(email)\", oldClrType: typeof(string), oldType: \"nvarchar(450)\", oldNullable: true, oldComputedColumnSql: \"lower(name)\");";
        yield return $"{alter}int>(name: \"id\", table: \"users\", type: \"int\", nullable: false, oldClrType: typeof(int), oldType: \"int\").Annotation(\"SqlServer:Identity\", \"1, 1\").OldAnnotation(\"SqlServer:Identity\", \"1, 1\");";
        yield return $"{alter}long>(name: \"id\", table: \"users\", type: \"bigint\", nullable: false, oldClrType: typeof(int), oldType: \"int\").Annotation(\"SqlServer:Identity\", \"1, 1\").OldAnnotation(\"SqlServer:Identity\", \"1, 1\");";
        yield return $"{alter}int>(name: \"id\", table: \"users\", type: \"int\", nullable: false, oldClrType: typeof(int), oldType: \"int\").OldAnnotation(\"SqlServer:Identity\", \"1, 1\");";
        yield return $"{alter}string>(name: \"notes\", table: \"users\", type: \"nvarchar(max)\", nullable: true, oldClrType: typeof(string), oldType: \"nvarchar(max)\", oldNullable: true).OldAnnotation(\"SqlServer:Sparse\", true);";
        yield return $"{alter}string>(name: \"notes\", schema: \"audit\", table: \"users\", type: \"nvarchar(max)\", nullable: true, comment: \"new\", oldClrType: typeof(string), oldType: \"nvarchar(max)\", oldNullable: true, oldComment: \"old\");";
        yield return $"{alter}byte[]>(name: \"stamp\", table: \"users\", type: \"rowversion\", rowVersion: true, nullable: true, oldClrType: typeof(byte[]), oldType: \"rowversion\", oldRowVersion: true);";

        // Columns.
        foreach (var column in new[] { "table.Column<int>(type: \"int\", nullable: false).Annotation(\"SqlServer:Identity\", \"100, 5\")", "table.Column<string>(type: \"nvarchar(max)\", nullable: true).Annotation(\"SqlServer:Sparse\", true)", "table.Column<byte[]>(type: \"rowversion\", rowVersion: true, nullable: false)", "table.Column<byte[]>(rowVersion: true, nullable: true)", "table.Column<int>(type: \"int\", nullable: false, computedColumnSql: \"[a] + 1\", stored: true)", "table.Column<int>(type: \"int\", nullable: true, computedColumnSql: \"[a] + 1\", stored: false, comment: \"sum\")", "table.Column<DateTime>(type: \"datetime2\", nullable: false, defaultValueSql: \"GETUTCDATE()\")", "table.Column<int>(type: \"int\", nullable: false, defaultValue: 7).Annotation(\"Relational:DefaultConstraintName\", \"df_items\")" })
        {
            yield return Table($"value = {column}", "table.PrimaryKey(\"pk_items\", x => x.value);");
            yield return $"migrationBuilder.AddColumn<{column["table.Column<".Length..].Replace(">(", ">(name: \"value\", table: \"users\", ")};";
        }

        yield return Table("id = table.Column<int>(type: \"int\", nullable: false, comment: \"the key\")", "table.PrimaryKey(\"pk_items\", x => x.id).Annotation(\"SqlServer:Clustered\", false);").Replace("name: \"items\"", "name: \"items\", schema: \"audit\", comment: \"it's all\"");
        yield return "migrationBuilder.AlterColumn<int>(name: \"status\", table: \"users\", type: \"int\", nullable: false, defaultValue: 2, oldClrType: typeof(int), oldType: \"int\", oldDefaultValue: 1).Annotation(\"Relational:DefaultConstraintName\", \"df_status\").OldAnnotation(\"Relational:DefaultConstraintName\", \"df_old\");";
        yield return "migrationBuilder.DropColumn(name: \"old\", table: \"users\").Annotation(\"Relational:DefaultConstraintName\", \"df_old\");";

        // Batches of SQL.
        foreach (var sql in new[] { "SELECT 1\\r\\nGO\\r\\nSELECT 2\\r\\nGO\\r\\n", "SELECT 1\\ngo 3\\nSELECT 2", "-- a\\nGO\\nSELECT '\\nGO\\n'", "/*\\nGO\\n*/ SELECT 1", "  GO  \\nSELECT 1", "SELECT 1\\nGOTO x", "SELECT 1\\nGO -- end\\nSELECT 2", "GO", "SELECT 1 \\\\\\n + 1", "SELECT 1\\n\\nGO\\n\\n\\nSELECT 2;\\nGO" })
        {
            yield return $"migrationBuilder.Sql(\"{sql}\");";
        }

        yield return "migrationBuilder.Sql(\"SELECT 1\\nGO\\nSELECT 2\", suppressTransaction: true);";

        // The database, memory-optimised tables and temporal tables.
        yield return "migrationBuilder.AlterDatabase(collation: \"Latin1_General_BIN\", oldCollation: \"Latin1_General_BIN\");";
        yield return "migrationBuilder.AlterDatabase(oldCollation: \"Latin1_General_BIN\");";
        yield return "migrationBuilder.AlterDatabase().Annotation(\"SqlServer:EditionOptions\", \"EDITION = 'Basic', MAXSIZE = 2 GB\");";
        yield return "migrationBuilder.AlterDatabase().OldAnnotation(\"SqlServer:MemoryOptimized\", true);";
        const string memory = ".Annotation(\"SqlServer:MemoryOptimized\", true);";
        foreach (var call in new[] { "AddColumn<int>(name: \"n\", table: \"users\", type: \"int\", nullable: true)", "DropColumn(name: \"old\", table: \"users\")", "CreateIndex(name: \"ix\", table: \"users\", column: \"email\", unique: true)", "CreateIndex(name: \"ix\", table: \"users\", column: \"name\")", "DropIndex(name: \"ix\", table: \"users\")", "DropTable(name: \"users\")", "AddPrimaryKey(name: \"pk\", table: \"users\", column: \"id\")", "DropPrimaryKey(name: \"pk\", table: \"users\")", "AddForeignKey(name: \"fk\", table: \"users\", column: \"id\", principalTable: \"orders\", principalColumn: \"id\")", "DropForeignKey(name: \"fk\", table: \"users\")", "AlterColumn<string>(name: \"notes\", table: \"users\", type: \"nvarchar(max)\", nullable: false, oldClrType: typeof(string), oldType: \"nvarchar(max)\", oldNullable: true)", "RenameIndex(name: \"a\", newName: \"b\", table: \"users\")", "RenameColumn(name: \"a\", newName: \"b\", table: \"users\")", "AddUniqueConstraint(name: \"ak\", table: \"users\", column: \"id\")", "AddCheckConstraint(name: \"ck\", table: \"users\", sql: \"1 = 1\")" })
        {
            yield return $"migrationBuilder.{call}{memory}";
        }

        yield return Table("id = table.Column<int>(type: \"int\", nullable: false)", "table.PrimaryKey(\"pk_items\", x => x.id).Annotation(\"SqlServer:Clustered\", false);").TrimEnd(';') + memory;
        const string temporal = ".Annotation(\"SqlServer:IsTemporal\", true).Annotation(\"SqlServer:TemporalHistoryTableName\", \"users_history\").Annotation(\"SqlServer:TemporalHistoryTableSchema\", null).Annotation(\"SqlServer:TemporalPeriodEndColumnName\", \"until\").Annotation(\"SqlServer:TemporalPeriodStartColumnName\", \"since\");";
        foreach (var call in new[] { "AlterTable(name: \"users\")", "DropTable(name: \"users\")", "AddColumn<int>(name: \"n\", table: \"users\", type: \"int\", nullable: false, defaultValue: 0)", "DropColumn(name: \"old\", table: \"users\")", "RenameColumn(name: \"a\", newName: \"b\", table: \"users\")", "RenameTable(name: \"users\", newName: \"people\")", "AlterColumn<string>(name: \"notes\", table: \"users\", type: \"nvarchar(50)\", nullable: true, oldClrType: typeof(string), oldType: \"nvarchar(max)\", oldNullable: true)" })
        {
            yield return $"migrationBuilder.{call}{temporal}";
        }
    }
}
