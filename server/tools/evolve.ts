import { fileFormat, slugOf } from './blocks/file-format.ts';
import { folderTool } from './blocks/folder-tool.ts';
import { isMentioned } from './blocks/mentions.ts';
import { readHistory } from './blocks/read-history.ts';
import { timeOf } from './blocks/row-history.ts';
import { wholeFile } from './blocks/whole-file.ts';
import type { FileTree } from './file-tree.ts';
import { naturalOrder } from './natural-order.ts';
import { stepHeader } from './step-text.ts';
import { CERTAINTY } from './tool.ts';

/** Source: https://evolve-db.netlify.app, "Naming" and "Metadata table". */
const NAME = /^(?:V(\d+(?:_\d+)*)__(.+)|R__(.+))\.sql$/;

/** Evolve: versioned and repeatable files as Flyway has them, with a table and sums of its own. */
export const evolve = folderTool({
  id: 'evolve',
  title: 'Evolve',
  configurationFiles: [],
  defaults: {},
  recognise: async (tree, view) => {
    if (!view.files.some((name) => NAME.test(name))) return 0;
    const projects = await projectFiles(view.path, tree);
    return (await isMentioned(tree, view.path, projects, /Include="Evolve"|"evolve\.tool"|"evolve"/i))
      ? CERTAINTY.configured
      : 0;
  },
  applier: {
    kind: 'command',
    why: "Evolve's sums are its own.",
    apply: 'evolve migrate',
  },
  history: () =>
    readHistory({
      tool: 'Evolve',
      table: 'changelog',
      needs: ['type', 'version', 'name', 'success'],
      order: 'id',
      key: (migration) => migration.id,
      facts: (row) => {
        const appliedAt = timeOf(row['installed_on']);
        const file = String(row['name']).split(/[/\\]/).at(-1) ?? '';
        const id = idOf(file);
        const isFailed = row['success'] === false || row['success'] === 0;
        return id === undefined
          ? []
          : [
              {
                key: id,
                ...(appliedAt === undefined ? {} : { appliedAt }),
                ...(isFailed ? { failed: true } : {}),
              },
            ];
      },
    }),
  format: (folder) =>
    fileFormat({
      folder,
      isRecursive: true,
      keyWord: 'version',
      read: (file) => {
        const [, version, name = '', repeatable] = NAME.exec(file) ?? [];
        const id = idOf(file);
        if (id === undefined) return undefined;
        return repeatable === undefined
          ? { key: version ?? id, id, name: name.replaceAll('_', ' '), half: 'up' }
          : { key: id, id, name: repeatable.replaceAll('_', ' '), half: 'up', kind: 'repeatable' };
      },
      notRun: (name) => `${name} is not run: Evolve runs V1__name.sql and R__name.sql.`,
      compareIds: (left, right) => {
        const [isLeft, isRight] = [left.startsWith('R__'), right.startsWith('R__')];
        return isLeft === isRight ? naturalOrder(left, right) : isLeft ? 1 : -1;
      },
      layout: (_path, text) =>
        wholeFile(text, 'up', { transaction: /^--[ \t]*evolve-tx-off\b/im.test(text) ? 'none' : 'one' }),
      numbering: { kind: 'sequence', digits: 1 },
      numberOf: (id) => /^\d+/.exec(id)?.[0],
      write: (number, step) => ({
        id: number,
        files: [
          {
            name: `V${number}__${slugOf(step)}.sql`,
            half: 'up',
            text: `${step.transaction === 'none' ? '-- evolve-tx-off\n' : ''}${stepHeader(step)}${step.up.trimEnd()}\n`,
          },
        ],
      }),
    }),
});

function idOf(file: string): string | undefined {
  const [, version, , repeatable] = NAME.exec(file) ?? [];
  return version?.replaceAll('_', '.') ?? (repeatable === undefined ? undefined : `R__${repeatable}`);
}

async function projectFiles(folder: string, tree: FileTree): Promise<readonly string[]> {
  const names = ['dotnet-tools.json'];
  for (let path = folder; ; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
    names.push(...((await tree.folder(path))?.files.filter((name) => name.endsWith('.csproj')) ?? []));
    if (path === '') return names;
  }
}
