import type { FileChange } from '../core/ports.ts';
import type { DialectId, DocumentLayout, MigrationFile, Section, TransactionRule } from '../model/migration.ts';
import type { Connection } from '../drivers/driver.ts';
import type { Adapter, History, NewFiles, WriteRequest } from './adapter.ts';
import { folderPath, joinPath, readNames } from './folder.ts';
import { placeholders, tableExists } from './lockstep-history.ts';
import { downText, stepHeader } from './step-text.ts';

/** dbmate's own patterns. Source: https://github.com/amacneil/dbmate, pkg/dbmate/migration.go. */
const NAME = /^(\d+).*\.sql$/;
const UP = /^--[ \t]*migrate:up(?:[ \t]*$|[ \t]+\S+)/m;
const DOWN = /^--[ \t]*migrate:down(?:[ \t]*$|[ \t]+\S+)/m;
const TABLE = 'schema_migrations';

/** dbmate: one file a migration with `-- migrate:up` and `-- migrate:down`, and the table `schema_migrations`. */
export const dbmate: Adapter = {
  id: 'dbmate',
  title: 'dbmate',
  async detect(files, root, folder) {
    const directory = folderPath(root, folder);
    for (const name of (await readNames(files, directory))
      .filter((candidate) => NAME.test(candidate) && !/\.(up|down)\.sql$/.test(candidate))
      .slice(0, 5)) {
      if (UP.test(await files.readText(`${directory}/${name}`))) return 20;
    }
    return 0;
  },
  async list(files, root, folder) {
    const problems: { path: string; message: string }[] = [];
    const byVersion = new Map<string, string>();
    for (const name of await readNames(files, folderPath(root, folder))) {
      const version = NAME.exec(name)?.[1];
      if (version === undefined) {
        if (/\.sql$/i.test(name))
          problems.push({
            path: joinPath(folder, name),
            message: `${name} is not run: dbmate runs files whose name begins with a number.`,
          });
        continue;
      }
      const other = byVersion.get(version);
      if (other !== undefined)
        problems.push({
          path: joinPath(folder, name),
          message: `${name} and ${other} have one version, ${version}: give one of them a version of its own, or only the first is run.`,
        });
      else byVersion.set(version, name);
    }
    const migrations = [...byVersion]
      .sort(([, left], [, right]) => (left < right ? -1 : 1))
      .map(([version, file]): MigrationFile => {
        const path = joinPath(folder, file);
        return { id: version, name: file.replace(/^\d+_?/, '').replace(/\.sql$/i, ''), upPath: path, downPath: path };
      });
    return { migrations, problems };
  },
  owns: (fileName) => NAME.test(fileName),
  layout,
  history: dbmateHistory(),
  write: writeFiles,
};

function layout(_path: string, text: string, dialect: DialectId): DocumentLayout {
  const up = UP.exec(text);
  const down = DOWN.exec(text);
  if (up === null) {
    const end = Math.max(0, text.search(/\r?\n/));
    return {
      sections: [],
      problems: [
        {
          message: 'dbmate refuses this file: it has no "-- migrate:up" line. Add one above the statements.',
          span: { start: 0, end },
        },
      ],
    };
  }
  if (down !== null && down.index < up.index) {
    return {
      sections: [],
      problems: [
        {
          message: 'dbmate refuses this file: "-- migrate:up" must come before "-- migrate:down".',
          span: { start: down.index, end: down.index + down[0].length },
        },
      ],
    };
  }
  const problems: { message: string; span: { start: number; end: number } }[] = [];
  const before = text
    .slice(0, up.index)
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .find((line) => line.trim() !== '' && !line.trim().startsWith('--'));
  if (before !== undefined) {
    const start = text.indexOf(before);
    problems.push({
      message: 'dbmate refuses this file: statements stand before "-- migrate:up". Move them below it.',
      span: { start, end: start + before.trimEnd().length },
    });
  }
  const section = (direction: Section['direction'], marker: RegExpExecArray, end: number): Section => {
    const lineEnd = lineEndAfter(text, marker.index);
    const markerSpan = { start: marker.index, end: text.slice(0, lineEnd).trimEnd().length };
    return {
      direction,
      span: { start: lineEnd, end },
      transaction: transactionOf(text.slice(marker.index, lineEnd), dialect),
      markerSpan,
    };
  };
  return {
    sections: [
      section('up', up, down?.index ?? text.length),
      ...(down === null ? [] : [section('down', down, text.length)]),
    ],
    problems,
  };
}

/** Without its transaction dbmate still sends the section as one string, which PostgreSQL makes one implicit transaction. */
function transactionOf(marker: string, dialect: DialectId): TransactionRule {
  if (!/\btransaction:false\b/.test(marker)) return 'one';
  return dialect === 'postgresql' ? 'implicit' : 'none';
}

function lineEndAfter(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

/** Creates the table as dbmate does, so that either may come first. */
function dbmateHistory(): History {
  return {
    table: TABLE,
    lateArrival: 'runs',
    exists: (connection) => tableExists(connection, TABLE),
    async ensure(connection) {
      await connection.execute(
        `CREATE TABLE IF NOT EXISTS ${tableName(connection)} (version varchar(128) PRIMARY KEY)`,
      );
    },
    async read(connection) {
      return (await connection.query(`SELECT version FROM ${tableName(connection)}`)).map((row) => ({
        id: String(row['version']),
      }));
    },
    async record(connection, entry) {
      await connection.query(
        `INSERT INTO ${tableName(connection)} (version) VALUES (${placeholders(connection, 1)[0]})`,
        [entry.id],
      );
    },
    async remove(connection, id) {
      await connection.query(`DELETE FROM ${tableName(connection)} WHERE version = ${placeholders(connection, 1)[0]}`, [
        id,
      ]);
    },
    checksum: () => undefined,
  };
}

function tableName(connection: Connection): string {
  return connection.dialect === 'postgresql' ? TABLE : `"${TABLE}"`;
}

function writeFiles(request: WriteRequest): NewFiles {
  const migrations: MigrationFile[] = [];
  const changes: FileChange[] = [];
  const newest = request.existing.reduce(
    (most, migration) => (BigInt(migration.id) > most ? BigInt(migration.id) : most),
    0n,
  );
  let version = BigInt(request.now.toISOString().replace(/\D/g, '').slice(0, 14)) - 1n;
  if (version < newest) version = newest;
  for (const step of request.steps) {
    version += 1n;
    const path = joinPath(request.folder, `${version}_${step.slug.slice(0, 80)}.sql`);
    const option = step.transaction === 'none' ? ' transaction:false' : '';
    const down = downText(step);
    migrations.push({ id: String(version), name: step.slug, upPath: path, downPath: path });
    changes.push({
      path,
      action: 'create',
      text: `-- migrate:up${option}\n${stepHeader(step)}${step.up.trimEnd()}\n\n-- migrate:down${step.down === undefined ? '' : option}\n${down ?? ''}`,
    });
  }
  return { migrations, changes };
}
