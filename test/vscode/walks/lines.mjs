// What the first hour in the editor promises, line by line, and the steps that show each; a line without one says so.

/** Walk of a step and its name, as `walk: name`. */
export const LINES = [
  [
    1,
    'a fix lands, from any cursor, and its first step is opened',
    [
      'sqlite: quick fix by Enter writes files and says which',
      'postgresql: quick fix by Enter writes files and says which',
    ],
  ],
  [
    2,
    'a fix says what it wrote, and is undone byte for byte',
    [
      'sqlite: compare shows before and after',
      'sqlite: undo restores every byte',
      'sqlite: undo from the message',
      'bad-state: a fix in a read-only folder is refused, and nothing is lost',
      'bad-state: a window that is reloaded while it writes offers to take back what it has written',
    ],
  ],
  [3, 'no value is made up', []],
  [4, 'drift has ways out', []],
  [
    5,
    'Restricted Mode writes and runs nothing',
    ['dbmate: findings in Restricted Mode', 'dbmate: nothing is written and nothing is run in Restricted Mode'],
  ],
  [6, 'no value of a row in a message', ['sqlite: a failure says what leads on']],
  [7, 'errors and production are asked about with what runs', ['sqlite: an error is asked about before it is applied']],
  [
    8,
    'a run is seen, who blocks it too, and cancel is no error',
    [
      'waiting: who holds the lock is seen while a run waits, also between its tries',
      'waiting: a run that waits is cancelled, which is no error',
      'waiting: of two windows one applies, and the other says so',
      'waiting: a window that is reloaded in the middle of a run says that its end was not seen',
    ],
  ],
  [
    9,
    'a failure stays, with what leads on',
    [
      'sqlite: a failure stays in the tree, also after a reload',
      'sqlite: the failed statement is opened from the tree',
    ],
  ],
  [
    10,
    'the stop at a deploy has its buttons',
    ['sqlite: apply all stops before the deploy', 'sqlite: the stop confirms the deploy'],
  ],
  [
    11,
    'the first minutes need no manual',
    [
      'start: the sample shows what to do first beside its squiggle',
      'start: the walkthrough shows a picture for each step',
    ],
  ],
  [
    12,
    'connections are kept, and found',
    [
      'sqlite: connected again by one click after the reload',
      'sqlite: connected by itself after the next reload, since it was allowed',
      'start: the sample is connected with its data, the .env file is offered',
    ],
  ],
  [
    13,
    'the tree is read at any width, and by ear',
    [
      'sqlite: the states are read at 190 pixels',
      'sqlite: pending alone, and all again',
      'sqlite: the files have their state in the Explorer, a migration its commands',
      'keyboard: the tree is read row by row, each with its state in words',
    ],
  ],
  [
    14,
    'pages are rendered, and the list of problems is the whole project’s',
    ['start: the list of problems knows a migration that no editor shows', 'sqlite: hover', 'sqlite: runbook'],
  ],
  [15, 'lockstep.jsonc is completed', ['start: lockstep.jsonc is completed by its schema']],
  [16, 'our own tables are nobody’s', ['postgresql: rename: steps are looked at']],
  [
    17,
    'completion and definitions from the folded schema',
    ['start: tables are completed, and lead to what made them'],
  ],
  ['keyboard', 'the whole path without a mouse', ['keyboard: no mouse was used', 'keyboard: the last one is reverted']],
  [
    'axe',
    'no accessibility violation in any theme',
    [
      'sqlite: the sidebar has no accessibility violation',
      'postgresql: the sidebar has no accessibility violation',
      'start: the sidebar has no accessibility violation',
      'keyboard: the sidebar has no accessibility violation',
    ],
  ],
  ['add, fill, require', 'made safe in one action, applied step by step', []],
];

/**
 * Prints each line with its steps; gives what lacks a step of the walks that were run.
 *
 * `passed` are names of steps as `walk: name`; `kinds` the walks that were run.
 */
export function printCoverage(passed, kinds) {
  const lacking = [];
  console.log('\nline  steps  what it promises');
  for (const [line, title, steps] of LINES) {
    const expected = steps.filter((name) => kinds.includes(name.slice(0, name.indexOf(':'))));
    const missing = expected.filter((name) => !passed.has(name));
    const done = expected.length - missing.length;
    console.log(
      `${String(line).padStart(4)}  ${`${done}/${steps.length}`.padStart(5)}  ${title}${steps.length === 0 ? ' (no step shows it)' : ''}`,
    );
    for (const name of expected) console.log(`             ${passed.has(name) ? 'ok  ' : 'LACK'} ${name}`);
    lacking.push(...missing.map((name) => `line ${line}: ${name}`));
  }
  return lacking;
}
