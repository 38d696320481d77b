import { describe, expect, test } from 'vitest';
import type { FolderProject } from '../../server/application/folder-project.ts';
import { designerText, migrationText, openMigrations, pathOf } from '../support/ef-project.ts';

/* EF Core 9 runs all that is pending in one transaction. What servers say of it is compared in `dotnet/transactions.test.ts`. */

const FIRST = '20240101000000_First';
const SECOND = '20240202000000_Second';
const THIRD = '20240303000000_Third';

const table = (name: string): string =>
  `migrationBuilder.CreateTable(name: "${name}", columns: table => new { Id = table.Column<int>(type: "integer", nullable: false), Email = table.Column<string>(type: "text", nullable: true) }, constraints: table => { table.PrimaryKey("PK_${name}", x => x.Id); });`;
const column = (to: string): string =>
  `migrationBuilder.AddColumn<string>(name: "Nick", table: "${to}", type: "text", nullable: true);`;
const FILL = 'migrationBuilder.Sql("UPDATE \\"Users\\" SET \\"Email\\" = \'x\' WHERE \\"Email\\" IS NULL;");';

/** Three migrations of a version of EF Core; the database has the first, unless it is not asked. */
async function opened(
  version: string,
  second: string,
  third: string,
  { applied = [FIRST] as readonly string[] | null } = {},
): Promise<FolderProject> {
  const npgsql = 'NpgsqlModelBuilderExtensions.UseIdentityByDefaultColumns(modelBuilder);';
  const halves = { [FIRST]: `${table('Users')}\n${table('Posts')}`, [SECOND]: second, [THIRD]: third };
  const project = await openMigrations(
    Object.fromEntries(
      Object.entries(halves).flatMap(([id, up]) => [
        [`${id}.cs`, migrationText(id, up)],
        [`${id}.Designer.cs`, designerText(id, npgsql, version)],
      ]),
    ),
  );
  if (applied !== null) project.setDatabase({ applied: new Set(applied), version: 17 });
  return project;
}

function told(project: FolderProject, id = THIRD): readonly string[] {
  return project
    .lint(pathOf(`${id}.cs`))
    .findings.filter(({ code }) => code === 'work-under-lock' || code === 'several-tables-locked')
    .map(({ code, message }) => `${code}: ${message}`);
}

describe('pending migrations in one transaction', () => {
  test('work in a later one is under the lock of an earlier one', async () => {
    const project = await opened('9.0.4', column('Users'), FILL);
    const [finding, ...others] = told(project);
    expect(finding).toMatch(
      /^work-under-lock: This .* runs while the transaction holds ACCESS EXCLUSIVE on Users, taken by 20240202000000_Second, which is pending too and runs in the same transaction, so that .*: apply that one first, by itself\.$/,
    );
    expect(others).toEqual([]);
    expect(told(project, SECOND)).toEqual([]);
    expect(project.explainTogether([SECOND, THIRD].map((id) => pathOf(`${id}.cs`)))).toMatchObject([
      {
        migrations: [SECOND, THIRD],
        heldAtEnd: [
          { relation: 'public."Users"', lock: 'AccessExclusiveLock', migration: SECOND },
          { relation: 'public."Users"', lock: 'RowExclusiveLock', migration: THIRD },
        ],
      },
    ]);
  });

  test('another table is waited for under the lock of an earlier one', async () => {
    expect(told(await opened('9.0.4', column('Users'), column('Posts')))).toEqual([
      expect.stringMatching(
        /^several-tables-locked: This waits for ACCESS EXCLUSIVE on Posts while the transaction keeps ACCESS EXCLUSIVE on Users, taken by 20240202000000_Second, .* Apply that one first, by itself\.$/,
      ),
    ]);
  });

  test.each([
    ['EF Core 8', '8.0.11', column('Users'), FILL, {}],
    ['EF Core 10', '10.0.3', column('Users'), FILL, {}],
    ['no database that says what is pending', '9.0.4', column('Users'), FILL, { applied: null }],
    ['the earlier one is applied', '9.0.4', column('Users'), FILL, { applied: [FIRST, SECOND] }],
    ['the table is new', '9.0.4', column('Users'), FILL, { applied: [] }],
    [
      'the earlier one ends outside a transaction',
      '9.0.4',
      `${column('Users')}\nmigrationBuilder.Sql("VACUUM \\"Users\\";", suppressTransaction: true);`,
      FILL,
      {},
    ],
    ['the earlier one holds nothing that keeps out', '9.0.4', table('Tags'), FILL, {}],
    ['this one runs outside', '9.0.4', column('Users'), FILL.replace(');', ', suppressTransaction: true);'), {}],
    ['the same table, for a moment', '9.0.4', column('Users'), column('Users').replace('Nick', 'Other'), {}],
  ])('nothing is held: %s', async (_name, version, second, third, options) => {
    expect(told(await opened(version, second, third, options))).toEqual([]);
  });

  test('what one half of a migration holds after a command outside goes to its end alone', async () => {
    const project = await opened(
      '9.0.4',
      `${column('Users')}\nmigrationBuilder.Sql("VACUUM \\"Users\\";", suppressTransaction: true);\n${column('Posts')}`,
      column('Users').replace('Nick', 'Other'),
    );
    expect(
      project
        .transactions('up', project.migrations.migrations.slice(1))
        ?.map((each) => [each.migrations, each.heldAtEnd.map(({ relation }) => relation)]),
    ).toEqual([
      [[SECOND], ['public."Users"']],
      [[SECOND], ['public."Posts"']],
      [[THIRD], ['public."Users"']],
    ]);
  });
});
