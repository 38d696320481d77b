import type { FolderProject } from '../folder-project.ts';
import { refused, type Refused } from './answer.ts';

/**
 * The project that a request is about: the one that it names by its folder, else the only one. Of several the first where
 * `first` says so, as an editor's view does. One for a product that no engine reads is meant only where it is named, or where
 * there is no other.
 */
export function pickProject(
  projects: readonly FolderProject[],
  wanted: { readonly folder?: string; readonly ifSeveral: 'first' | 'refuse' },
): FolderProject | Refused {
  if (wanted.folder !== undefined)
    return projects.find((project) => project.folder === wanted.folder) ?? refused({ code: 'no-project' });
  const read = projects.filter(({ unreadProduct }) => unreadProduct === undefined);
  const candidates = read.length > 0 ? read : projects;
  const [project, second] = candidates;
  if (project === undefined) return refused({ code: 'no-project' });
  return second === undefined || wanted.ifSeveral === 'first'
    ? project
    : refused({ code: 'several-projects', folders: candidates.map((each) => each.folder) });
}
