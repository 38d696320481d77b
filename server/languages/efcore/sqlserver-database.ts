import type { Command, CommandWriter } from '../csharp/command.ts';
import { textOf } from './operation.ts';
import { annotationsOf } from './parameters.ts';
import { isMemoryOptimised, type SqlServerOperation } from './sqlserver-operation.ts';

/** EF Core that quotes the database's name by QUOTENAME. */
const QUOTENAME_SINCE = 10;

/** Collation, edition and the file group of memory-optimised tables; each runs in no transaction. */
export function alterDatabase(operation: SqlServerOperation): readonly Command[] {
  const { bound, annotations, call, version, write } = operation;
  const old = annotationsOf(call, 'OldAnnotation');
  const isQuoted = version >= QUOTENAME_SINCE;
  const declare = `BEGIN\nDECLARE @db_name nvarchar(max) = ${isQuoted ? 'QUOTENAME(DB_NAME())' : 'DB_NAME()'};\n`;
  const alter = isQuoted ? "EXEC(N'ALTER DATABASE ' + @db_name + ' " : "EXEC(N'ALTER DATABASE [' + @db_name + '] ";
  const commands: Command[] = [];
  const options = textOf(annotations.get('SqlServer:EditionOptions'));
  if (options !== undefined && options !== textOf(old.get('SqlServer:EditionOptions')))
    commands.push(
      write()
        .add(`${declare}${alter}MODIFY ( ${options.replaceAll("'", "''")} );');\nEND\n`)
        .done(true),
    );
  const collation = bound.get('collation');
  if (textOf(collation) !== textOf(bound.get('oldCollation'))) {
    const writer = write().add(declare);
    if (collation === undefined)
      writer.add(
        `DECLARE @defaultCollation nvarchar(max) = CAST(SERVERPROPERTY('Collation') AS nvarchar(max));\n${alter}COLLATE ' + @defaultCollation + N';');\nEND\n`,
      );
    else writer.add(`${alter}COLLATE `).source(collation).add(";');\nEND\n");
    commands.push(writer.done(true));
  }
  const isInMemory = isMemoryOptimised(operation);
  if (isInMemory && !isMemoryOptimised({ annotations: old })) commands.push(fileGroup(write(), isQuoted).done(true));
  return commands;
}

/** Memory-optimised tables need a file group, which the database gets where it has none. */
function fileGroup(writer: CommandWriter, isQuoted: boolean): CommandWriter {
  const group = isQuoted ? "' + @fg_name + '" : "[' + @fg_name + ']";
  return writer.add(`IF SERVERPROPERTY('IsXTPSupported') = 1 AND SERVERPROPERTY('EngineEdition') <> 5
    BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM [sys].[filegroups] [FG] JOIN [sys].[database_files] [F] ON [FG].[data_space_id] = [F].[data_space_id] WHERE [FG].[type] = N'FX' AND [F].[type] = 2)
        BEGIN
        ALTER DATABASE CURRENT SET AUTO_CLOSE OFF;
        DECLARE @db_name nvarchar(max) = DB_NAME();
        DECLARE @fg_name nvarchar(max);
        SELECT TOP(1) @fg_name = [name] FROM [sys].[filegroups] WHERE [type] = N'FX';

        IF @fg_name IS NULL
            BEGIN
            SET @fg_name = ${isQuoted ? "QUOTENAME(@db_name + N'_MODFG')" : "@db_name + N'_MODFG'"};
            EXEC(N'ALTER DATABASE CURRENT ADD FILEGROUP ${group} CONTAINS MEMORY_OPTIMIZED_DATA;');
            END

        DECLARE @path nvarchar(max);
        SELECT TOP(1) @path = [physical_name] FROM [sys].[database_files] WHERE charindex('\\', [physical_name]) > 0 ORDER BY [file_id];
        IF (@path IS NULL)
            SET @path = '\\' + @db_name;

        DECLARE @filename nvarchar(max) = right(@path, charindex('\\', reverse(@path)) - 1);
        SET @filename = REPLACE(left(@filename, len(@filename) - charindex('.', reverse(@filename))), '''', '''''') + N'_MOD';
        DECLARE @new_path nvarchar(max) = REPLACE(CAST(SERVERPROPERTY('InstanceDefaultDataPath') AS nvarchar(max)), '''', '''''') + @filename;

        EXEC(N'
            ALTER DATABASE CURRENT
            ADD FILE (NAME=''' + @filename + ''', filename=''' + @new_path + ''')
            TO FILEGROUP ${group};')
        END
    END

IF SERVERPROPERTY('IsXTPSupported') = 1
EXEC(N'
    ALTER DATABASE CURRENT
    SET MEMORY_OPTIMIZED_ELEVATE_TO_SNAPSHOT ON;')
`);
}
