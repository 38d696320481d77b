import type { Span } from '../core/span.ts';
import { byEngine, type EngineId } from '../model/engine-id.ts';
import type { DocumentLayout, Placeholder, Section } from '../model/migration.ts';
import { slugOf } from './blocks/file-format.ts';
import { folderTool, hasMarker } from './blocks/folder-tool.ts';
import { placeholdersIn } from './blocks/placeholders.ts';
import { rowHistory, timeOf } from './blocks/row-history.ts';
import { sectionedFormat } from './blocks/sectioned-format.ts';
import { blockedByPlaceholder } from './sent-text.ts';
import { stepHeader } from './step-text.ts';
import { CERTAINTY } from './tool.ts';

/** Unless it is told otherwise. */
const HISTORY_TABLE = 'databasechangelog';

/** Source: https://docs.liquibase.com, "Formatted SQL changelog", and FormattedSqlChangeLogParser.java. */
const HEAD = /^\uFEFF?\s*--\s*liquibase\s+formatted\s+sql\b/i;
const CHANGESET = /^[ \t]*--[ \t]*changeset[ \t]+("[^"]*"|'[^']*'|[^:\s]+):("[^"]*"|'[^']*'|\S+)[ \t]*(.*)$/gim;
const ROLLBACK = /^[ \t]*--[ \t]*rollback[ \t]?/gim;
const ROLLBACK_BLOCK = /\/\*[ \t]*liquibase[ \t]+rollback[ \t]*\r?\n([\s\S]*?)\*\//i;
const INDEX = /\.(?:xml|ya?ml)$/i;
/** Written into each row, as Liquibase writes its own version. */
const WRITER = 'lockstep';

interface Changeset {
  readonly id: string;
  readonly title: string;
  readonly attributes: string;
  readonly head: Span;
  /** From the line after the head to the next changeset. */
  readonly body: Span;
}

/** Liquibase's changelogs in SQL: several changesets in one file. Changelogs in XML and YAML are read for the order of their includes. */
export const liquibase = folderTool({
  id: 'liquibase',
  title: 'Liquibase',
  tellingTables: [
    { table: HISTORY_TABLE, columns: ['author', 'filename', 'md5sum'] },
    { table: 'DATABASECHANGELOG', columns: ['AUTHOR', 'FILENAME', 'MD5SUM'] },
  ],
  configurationFiles: ['liquibase.properties'],
  sidecarFiles: ['*changelog*.xml', '*changelog*.yaml', '*changelog*.yml'],
  defaults: {},
  recognise: async (tree, view) => ((await hasMarker(tree, view, /\.sql$/i, HEAD)) ? CERTAINTY.marker : 0),
  history: (_options, folder) =>
    rowHistory({
      table: HISTORY_TABLE,
      lateArrival: 'runs',
      columns: (dialect) => [
        'id VARCHAR(255) NOT NULL',
        'author VARCHAR(255) NOT NULL',
        'filename VARCHAR(255) NOT NULL',
        `dateexecuted ${byEngine(dialect, { postgresql: 'TIMESTAMP WITHOUT TIME ZONE', sqlite: 'TEXT' })} NOT NULL`,
        'orderexecuted INTEGER NOT NULL',
        'exectype VARCHAR(10) NOT NULL',
        'md5sum VARCHAR(35)',
        'description VARCHAR(255)',
        'comments VARCHAR(255)',
        'tag VARCHAR(255)',
        'liquibase VARCHAR(20)',
        'contexts VARCHAR(255)',
        'labels VARCHAR(255)',
        'deployment_id VARCHAR(10)',
      ],
      needs: ['id', 'author', 'filename', 'orderexecuted', 'exectype'],
      order: 'orderexecuted',
      key: (migration) => migration.id,
      where: (migration) => partsOf(migration.id),
      row: (migration, _folder, _moment, { table }) => ({
        ...partsOf(migration.id),
        filename: logicalPath(folder, migration.upPath),
        dateexecuted: { sql: 'CURRENT_TIMESTAMP' },
        orderexecuted: { sql: `(SELECT coalesce(max(orderexecuted), 0) + 1 FROM ${table})` },
        exectype: 'EXECUTED',
        // Liquibase computes the sum itself where there is none, as after its own clear-checksums.
        md5sum: null,
        description: 'sql',
        comments: '',
        liquibase: WRITER,
      }),
      fact: (row) => {
        const appliedAt = timeOf(row['dateexecuted']);
        const file = String(row['filename']).split(/[/\\]/).at(-1) ?? '';
        return {
          key: idOf(file, String(row['author']), String(row['id'])),
          ...(appliedAt === undefined ? {} : { appliedAt }),
          ...(row['exectype'] === 'FAILED' ? { failed: true } : {}),
        };
      },
    }),
  format: (folder) =>
    sectionedFormat({
      folder,
      isDocument: (name) => /\.sql$/i.test(name),
      isIndex: (name) => INDEX.test(name),
      read: (path, text) =>
        changesetsOf(path, text).map((changeset) => ({
          id: changeset.id,
          name: changeset.title,
          kind: 'versioned',
          hasDown: downOf(text, changeset) !== undefined,
        })),
      layout,
      order: (names, indexes) => {
        const listed = [...indexes.values()].flatMap((text) =>
          [...text.matchAll(/\bfile\s*[=:]\s*["']?([^"'\s>]+\.sql)/gi)].map(
            (match) => match[1]?.split('/').at(-1) ?? '',
          ),
        );
        const isListed = listed.some((name) => names.includes(name));
        const known = isListed ? listed.filter((name) => names.includes(name)) : names;
        return {
          names: known,
          problems: names
            .filter((name) => !known.includes(name))
            .map((name) => ({ name, message: `${name} is not run: no changelog of this folder includes it.` })),
        };
      },
      write: (number, step) => {
        const slug = slugOf(step);
        const file = `${number}_${slug}.sql`;
        const option = step.transaction === 'none' ? ' runInTransaction:false splitStatements:false' : '';
        const split = step.transaction === 'none' || !/\$/.test(step.up) ? option : ' splitStatements:false';
        const down =
          step.down ??
          (step.irreversible === undefined
            ? undefined
            : `-- lockstep: irreversible "${step.irreversible.replaceAll('"', "'")}"`);
        const rollback = down === undefined ? '' : `/* liquibase rollback\n${down.trimEnd()}\n*/\n`;
        return {
          file,
          id: idOf(file, WRITER, `${number}-${slug}`),
          hasDown: down !== undefined,
          text: `--liquibase formatted sql\n\n--changeset ${WRITER}:${number}-${slug}${split}\n${stepHeader(step)}${step.up.trimEnd()}\n${rollback}`,
        };
      },
      without: (path, text, id) => {
        const all = changesetsOf(path, text);
        const gone = all.find((changeset) => changeset.id === id);
        if (gone === undefined || all.length < 2) return undefined;
        return text.slice(0, gone.head.start) + text.slice(gone.body.end);
      },
      indexWith: (text, added, removed) => {
        const line = [
          ...text.matchAll(
            /^[ \t]*(?:<include\b[^\n]*|-[ \t]*include:[ \t]*\r?\n[ \t]+file:[^\n]*(?:\r?\n[ \t]+relativeToChangelogFile:[^\n]*)?)\r?\n?/gim,
          ),
        ];
        let result = text;
        for (const match of line) {
          const file = /[^/\\"'\s:=]+\.(?:sql|xml|ya?ml)(?=["'\s]|$)/i.exec(match[0])?.[0];
          if (file !== undefined && removed.includes(file)) result = result.replace(match[0], '');
        }
        const last = line.at(-1)?.[0];
        if (last === undefined) return result;
        const inserted = added.map((name) =>
          last.replace(/[^/"'\s:=]+\.(?:sql|xml|ya?ml)/i, name).replace(/\n?$/, '\n'),
        );
        const at = result.lastIndexOf(last);
        return at < 0
          ? result
          : `${result.slice(0, at + last.length).replace(/\n?$/, '\n')}${inserted.join('')}${result.slice(at + last.length)}`;
      },
    }),
});

function changesetsOf(path: string, text: string): readonly Changeset[] {
  if (!HEAD.test(text)) return [];
  const heads = [...text.matchAll(CHANGESET)];
  const file = path.slice(path.lastIndexOf('/') + 1);
  return heads.map((match, index) => {
    const author = unquoted(match[1] ?? '');
    const id = unquoted(match[2] ?? '');
    const end = text.indexOf('\n', match.index);
    return {
      id: idOf(file, author, id),
      title: id,
      attributes: match[3] ?? '',
      head: { start: match.index, end: match.index + match[0].trimEnd().length },
      body: { start: end < 0 ? text.length : end + 1, end: heads[index + 1]?.index ?? text.length },
    };
  });
}

function layout(path: string, text: string, dialect: EngineId): DocumentLayout {
  if (!HEAD.test(text)) {
    return {
      sections: [],
      problems: [
        {
          message: 'Liquibase does not run this file: its first line is not "--liquibase formatted sql".',
          span: { start: 0, end: Math.max(0, text.search(/\r?\n/)) },
        },
      ],
    };
  }
  const problems: { message: string; span: Span }[] = [];
  const sections = changesetsOf(path, text).flatMap((changeset): readonly Section[] => {
    const { attributes, head, body } = changeset;
    const transaction = /\brunInTransaction\s*:\s*["']?false/i.test(attributes) ? 'none' : 'one';
    const down = downOf(text, changeset);
    const up: Span = { start: body.start, end: down?.before ?? body.end };
    const pieces = piecesOf(text, up, attributes);
    const blocked = whyBlocked(text, changeset, dialect);
    if (blocked !== undefined) problems.push({ message: blocked, span: head });
    const shared = { transaction, migration: changeset.id, markerSpan: head } as const;
    const more = (span: Span, own: readonly Placeholder[]): Partial<Section> => {
      const found = placeholdersIn(text, /\$\{([^}\s]+)\}/g, new Map()).filter(
        (placeholder) => placeholder.span.start >= span.start && placeholder.span.end <= span.end,
      );
      const reason = blocked ?? blockedByPlaceholder('Liquibase', found, 'no file that Lockstep reads');
      const all = [...own, ...found];
      return {
        ...(all.length === 0 ? {} : { placeholders: all }),
        ...(reason === undefined ? {} : { blocked: reason }),
      };
    };
    return [
      { direction: 'up', span: up, ...shared, ...(pieces === undefined ? {} : { pieces }), ...more(up, []) },
      ...(down === undefined
        ? []
        : [{ direction: 'down' as const, span: down.span, ...shared, ...more(down.span, down.prefixes) }]),
    ];
  });
  return { sections, problems };
}

/** The rollback of a changeset: a block comment, or lines after `--rollback`, whose marks are no part of the SQL. */
function downOf(
  text: string,
  { body }: Changeset,
): { readonly span: Span; readonly before: number; readonly prefixes: readonly Placeholder[] } | undefined {
  const own = text.slice(body.start, body.end);
  const block = ROLLBACK_BLOCK.exec(own);
  if (block !== null) {
    const start = body.start + block.index + block[0].indexOf(block[1] ?? '', block[0].indexOf('\n'));
    return {
      span: { start, end: start + (block[1] ?? '').length },
      before: body.start + block.index,
      prefixes: [],
    };
  }
  const marks = [...own.matchAll(ROLLBACK)];
  const [first] = marks;
  if (first === undefined) return undefined;
  const start = body.start + first.index + first[0].length;
  const last = marks.at(-1) ?? first;
  const lineEnd = own.indexOf('\n', last.index);
  const end = lineEnd < 0 ? body.end : body.start + lineEnd;
  if (/^\s*(?:empty|not required)\s*$/i.test(text.slice(start, end))) return undefined;
  return {
    span: { start, end },
    before: body.start + first.index,
    prefixes: marks.slice(1).map((mark) => ({
      name: 'rollback',
      value: '',
      span: { start: body.start + mark.index, end: body.start + mark.index + mark[0].length },
    })),
  };
}

/** How Liquibase cuts a changeset where it is told to; undefined where it cuts at semicolons. */
function piecesOf(text: string, span: Span, attributes: string): readonly Span[] | undefined {
  if (/\bsplitStatements\s*:\s*["']?false/i.test(attributes)) {
    const whole = text.slice(span.start, span.end);
    const start = span.start + (/\S/.exec(whole)?.index ?? 0);
    return [{ start, end: span.start + whole.trimEnd().length }];
  }
  const delimiter = /\bendDelimiter\s*:\s*(?:"([^"]+)"|(\S+))/i.exec(attributes);
  const mark = delimiter?.[1] ?? delimiter?.[2];
  if (mark === undefined || mark === ';') return undefined;
  const pieces: Span[] = [];
  let start = span.start;
  while (start < span.end) {
    const found = text.indexOf(mark, start);
    const end = found < 0 || found > span.end ? span.end : found;
    if (text.slice(start, end).trim() !== '') pieces.push({ start, end });
    start = end + mark.length;
  }
  return pieces;
}

/** What only Liquibase can decide of a changeset: a sentence; undefined where it needs nothing decided. */
function whyBlocked(text: string, { body, attributes, title }: Changeset, dialect: EngineId): string | undefined {
  if (/^[ \t]*--[ \t]*preconditions?\b/im.test(text.slice(body.start, body.end)))
    return `Changeset ${title} has a precondition, which only Liquibase checks: apply it by "liquibase update".`;
  const dbms = /\bdbms\s*:\s*(?:"([^"]+)"|(\S+))/i.exec(attributes);
  const named = (dbms?.[1] ?? dbms?.[2])?.split(',').map((name) => name.trim().toLowerCase());
  return named === undefined || named.includes(dialect) || named.includes('all')
    ? undefined
    : `Changeset ${title} is for ${named.join(', ')} alone: apply by "liquibase update", which passes it over.`;
}

function idOf(file: string, author: string, id: string): string {
  return `${file}::${author}:${id}`;
}

function partsOf(id: string): { readonly id: string; readonly author: string } {
  const own = id.slice(id.indexOf('::') + 2);
  const colon = own.indexOf(':');
  return { author: own.slice(0, colon), id: own.slice(colon + 1) };
}

/** As a changelog on the class path or beside liquibase.properties is named. */
function logicalPath(folder: string, path: string): string {
  const resources = /(?:^|\/)src\/main\/resources\//.exec(folder);
  return resources === null ? path : path.slice(resources.index + resources[0].length);
}

function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, '$2');
}
