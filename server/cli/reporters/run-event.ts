import type { RunEvent } from '../../runner/report.ts';
import type { Palette } from '../terminal.ts';

/** An event of a run as lines for people; empty where there is nothing to say. */
export function eventText(event: RunEvent, colors: Palette): string {
  switch (event.event) {
    case 'start':
      return event.ids.length === 0
        ? ''
        : `${event.direction === 'up' ? 'Applying' : 'Reverting'} ${event.ids.length} on ${event.database}\n`;
    case 'migration':
      return '';
    case 'waiting':
      return `  ${colors.yellow('waiting')} ${event.reason}${event.blockers.length === 0 ? '' : `: ${event.blockers.join('; ')}`}\n`;
    case 'retry':
      return `  ${colors.yellow('again')} ${event.id} in ${event.afterMs} ms: ${event.reason}\n`;
    case 'backfill':
      return `  ${event.id}: ${event.rows} rows${event.remaining === null ? '' : `, ${event.remaining} left`}\n`;
    case 'applied':
      return `  ${colors.green('✓')} ${event.id} applied ${colors.dim(`(${event.executionMs} ms)`)}\n`;
    case 'reverted':
      return `  ${colors.green('↩')} ${event.id} reverted ${colors.dim(`(${event.executionMs} ms)`)}\n`;
    case 'done': {
      if (event.failed === null) return event.applied.length === 0 && event.stopped === null ? 'Nothing to do.\n' : '';
      const { failed } = event;
      const place =
        failed.path === null || failed.position === null
          ? ''
          : `${failed.path}:${failed.position.line + 1}:${failed.position.character + 1} `;
      const excerpt =
        failed.excerpt === null
          ? ''
          : `${failed.excerpt
              .split('\n')
              .map((line) => `    ${line}`)
              .join('\n')}\n`;
      const state = failed.rolledBack
        ? 'It was rolled back; the database is as before it.'
        : 'It was not rolled back: look at the database before you run again.';
      return `  ${colors.red('✗')} ${place}${failed.message}\n${excerpt}  ${failed.id === '' ? '' : state}\n${event.notRun.length === 0 ? '' : `  not run: ${event.notRun.join(', ')}\n`}`;
    }
  }
}
