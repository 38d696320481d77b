import { DEFAULT_RUN_SETTINGS, type RunSettings } from '../runner/runner.ts';
import type { FolderProject } from './folder-project.ts';

/** How a project's runs wait and try again: its own settings before the usual ones. */
export function runSettingsOf({ settings }: Pick<FolderProject, 'settings'>): RunSettings {
  const { backup: _backup, ...waits } = settings.run;
  return { ...DEFAULT_RUN_SETTINGS, ...waits };
}
