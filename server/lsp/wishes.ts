import { displayName } from '../model/names.ts';
import { stepLockWords } from '../analysis/impact.ts';
import { isOwnTable } from '../application/own-tables.ts';
import { WISHES } from '../planner/wishes.ts';
import { pickProject } from '../application/use-cases/pick-project.ts';
import { planWishedChange } from '../application/use-cases/write-migrations.ts';
import type { FolderProject } from '../application/folder-project.ts';
import type { Outcome, PlanParams, PlanResult, WishesParams, WishesResult } from '../protocol/requests.ts';
import type { LspHost } from './lsp-host.ts';
import { plannedFiles } from './planned-files.ts';
import { refusedWords } from './refusal-words.ts';
import type { OpenFolder, Workspace } from './workspace.ts';

/** The changes that can be started, and the tables and columns to choose from. */
export function wishesOf(workspace: Workspace, params: WishesParams): Outcome<WishesResult> {
  const found = find(workspace, params);
  if (found === undefined)
    return refusedWords({ reason: { code: 'no-project', unread: workspace.unread(params.folder) } });
  const { project } = found;
  const schema = project.schema();
  const tables = [...schema.relations.values()].filter(
    (relation) =>
      (relation.kind === 'table' || relation.kind === 'partitioned-table') && relation.persistence !== 'temporary',
  );
  // Where new objects go nobody writes the schema.
  const written = (object: { readonly schema: string; readonly name: string }): string =>
    object.schema === schema.session.searchPath[0] || object.schema === schema.product.temporarySchema
      ? displayName({ name: object.name })
      : displayName(object);
  return {
    ok: true,
    value: {
      wishes: WISHES.filter((wish) => wish.notIn?.[project.engine.id] === undefined).map(({ name, title, parts }) => ({
        name,
        title,
        parts,
      })),
      tables: tables
        .filter(({ name }) => !isOwnTable(project, name))
        .map((relation) => ({
          name: written(relation),
          columns: relation.columns.map((column) => ({
            name: displayName({ name: column.name }),
            type: column.type?.display ?? '',
          })),
        }))
        .sort(byName),
      enums: [...schema.types.values()]
        .flatMap((type) => (type.labels === undefined ? [] : [{ name: written(type), values: type.labels }]))
        .sort(byName),
    },
  };
}

/** Files of a change that a person asks for; the editor makes them, so that they can be undone. */
export function planFor(workspace: Workspace, host: LspHost, params: PlanParams): Outcome<PlanResult> {
  const found = find(workspace, params);
  if (found === undefined)
    return refusedWords({ reason: { code: 'no-project', unread: workspace.unread(params.folder) } });
  const planned = planWishedChange(
    { outside: host, project: found.project },
    { wish: params.change, values: params.values },
  );
  if (planned.kind === 'refused') return refusedWords(planned);
  const { change, title, files, steps } = planned.value;
  const all = plannedFiles(files, (path) => host.uriOf(`${found.folder.root}/${path}`));
  return {
    ok: true,
    value: {
      change,
      title,
      steps: steps.map((step) => ({
        deploys: (step.requires ?? []).flatMap((each) => (each.kind === 'deploy' ? [each.description] : [])),
        locks: step.locks.map(stepLockWords),
        phase: step.phase,
        title: step.title,
        files: all.filter((file) => step.files.includes(file.path)),
      })),
      files: all,
    },
  };
}

function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return left.name < right.name ? -1 : 1;
}

function find(
  workspace: Workspace,
  params: WishesParams,
): { readonly folder: OpenFolder; readonly project: FolderProject } | undefined {
  const folder = workspace.folder(params.folder);
  const project = pickProject(folder?.projects ?? [], {
    ...(params.project === undefined ? {} : { folder: params.project }),
    ifSeveral: 'first',
  });
  return folder === undefined || 'kind' in project ? undefined : { folder, project };
}
