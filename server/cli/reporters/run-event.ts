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
    case 'output':
      return `  ${colors.dim(event.line)}\n`;
    case 'preflight':
      return event.notes.map(({ message }) => `  ${colors.yellow('note')} ${message}\n`).join('');
    case 'blocking':
      return `  ${colors.yellow('blocking')} ${event.id} keeps waiting: ${event.sessions.join('; ')}\n`;
    case 'backup':
      return `  ${colors.dim(`backup ${event.path}`)}\n`;
    case 'checked':
      return event.problems.length === 0
        ? ''
        : event.problems.map((problem) => `  ${colors.red('✗')} ${problem}\n`).join('');
    case 'backfill':
      return `  ${event.id}: ${event.rows} rows${event.remaining === null ? '' : `, ${event.remaining} left`}\n`;
    case 'applied':
      return `  ${colors.green('✓')} ${event.id} applied ${colors.dim(`(${event.executionMs} ms)`)}\n`;
    case 'reverted':
      return `  ${colors.green('↩')} ${event.id} reverted ${colors.dim(`(${event.executionMs} ms)`)}\n`;
    case 'done': {
      if (event.failed === null) {
        const elsewhere = event.elsewhere.map((id) => `  ${id}: another run did it meanwhile\n`).join('');
        return event.applied.length === 0 && event.stopped === null ? `${elsewhere}Nothing to do.\n` : elsewhere;
      }
      const { failed } = event;
      const place =
        failed.path === null
          ? ''
          : failed.position === null
            ? `${failed.path}: `
            : `${failed.path}:${failed.position.line + 1}:${failed.position.character + 1} `;
      const excerpt =
        failed.excerpt === null
          ? ''
          : `${failed.excerpt
              .split('\n')
              .map((line) => `    ${line}`)
              .join('\n')}\n`;
      const state = {
        'not-done': 'Nothing of it stands: the database is as it was before it.',
        'partly-done': 'A part of it stands: "lockstep status" says how far it came.',
        done: 'It was done.',
        unknown: 'Whether it was done is not known from here: "lockstep status" tells.',
      }[failed.outcome];
      return `  ${colors.red('✗')} ${place}${failed.message}\n${excerpt}${failed.id === '' ? '' : `  ${state}\n`}${event.notRun.length === 0 ? '' : `  not run: ${event.notRun.join(', ')}\n`}`;
    }
  }
}
