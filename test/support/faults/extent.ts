import type { RunRequest } from '../../../server/runner/runner.ts';
import type { Direction } from './fault-migrations.ts';

/** What a person would say to have all of it applied, or reverted. */
export function extentOf(direction: Direction): Pick<RunRequest, 'direction' | 'extent'> {
  return { direction, extent: direction === 'up' ? { kind: 'all' } : { kind: 'steps', count: 100 } };
}
