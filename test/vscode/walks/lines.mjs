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
      'dbmate: one finding is fixed and undone',
      'dbmate: five findings are fixed as one change from the first of them, and undone',
      'dbmate: five findings are fixed as one change from the third of them, and undone',
      'dbmate: five findings are fixed as one change from the last of them, and undone',
      'bad-state: a fix in a read-only folder is refused, and nothing is lost',
      'bad-state: a window that is reloaded while it writes offers to take back what it has written',
    ],
  ],
  [
    3,
    'no value is made up',
    [
      'values: one action makes it safe with the value that the person wrote',
      'values: a value that nobody wrote is asked for',
      'values: without one the step is held by a finding',
      'values: and no database runs it',
      'values: the stop leads to where the value is to be written',
      'values: once it is written there, the step runs',
    ],
  ],
  [
    4,
    'drift has ways out',
    [
      'drift: white space and comments are no edit in our own format, and the formatter asks nothing',
      'prisma: the formatter asks before it touches what is applied',
      'flyway: the formatter asks before it touches what is applied',
      'drift: an edit is seen in the tree, at its line and above it',
      'drift: apply all does not run over it',
      'drift: it is compared with what was applied',
      'drift: the edit is undone, byte for byte',
      'drift: the finding leads to the same by the keyboard',
      'drift: the new text is accepted with a reason',
      'drift: it is forgotten, and marked again, without running',
      'drift: one whose file is gone is forgotten',
    ],
  ],
  [
    5,
    'Restricted Mode writes and runs nothing',
    [
      'dbmate: findings in Restricted Mode',
      'dbmate: nothing is written and nothing is run in Restricted Mode',
      'dbmate: the tree leads to trust',
    ],
  ],
  [6, 'no value of a row in a message', ['production: a failure tells the column, and no value of a row']],
  [
    7,
    'errors and production are asked about with what runs',
    [
      'sqlite: an error is asked about before it is applied',
      'production: what runs, its locks and its errors are shown before it is asked for',
      'production: another name than its own runs nothing',
      'production: its own name runs it',
    ],
  ],
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
      'sqlite: what a failure left is shown, and it is tried again',
    ],
  ],
  [
    10,
    'the stop at a deploy has its buttons',
    [
      'sqlite: apply all stops before the deploy',
      'sqlite: the stop says what it is about',
      'sqlite: the stop confirms the deploy',
      'values: the stop leads to where the value is to be written',
    ],
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
      'start: a variable that is not set is explained',
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
  [
    15,
    'lockstep.jsonc is completed, a migration says what it is',
    [
      'start: lockstep.jsonc is completed by its schema',
      'start: a migration says beside its language what it is, its directives are coloured',
    ],
  ],
  [16, 'our own tables are nobody’s', ['postgresql: rename: steps are looked at']],
  [
    17,
    'completion and definitions from the folded schema',
    [
      'start: tables are completed, and lead to what made them',
      'start: what refers to a table is found across migrations',
      'dbmate: a half is folded',
    ],
  ],
  ['keyboard', 'the whole path without a mouse', ['keyboard: no mouse was used', 'keyboard: the last one is reverted']],
  [
    'axe',
    'no accessibility violation in any theme',
    [
      'sqlite: the sidebar has no accessibility violation',
      'postgresql: the sidebar has no accessibility violation',
      'start: the sidebar has no accessibility violation',
      'start: the sample shows what to do first beside its squiggle',
      'sqlite: preview of the files',
      'sqlite: runbook',
      'sqlite: what a failure left is shown, and it is tried again',
      'dbmate: the sidebar has no accessibility violation',
      'many: the sidebar has no accessibility violation',
      'keyboard: the sidebar has no accessibility violation',
    ],
  ],
  [
    'add, fill, require',
    'made safe in one action, applied step by step',
    [
      'values: add, fill and require is one migration with its findings',
      'values: one action makes it safe with the value that the person wrote',
      'values: its first part is applied, and the fill waits for its deploy',
      'values: the deploy is confirmed',
      'values: the rest is applied step by step',
    ],
  ],
  [
    'five thousand',
    'migrations in the tree',
    [
      'many: the newest of five thousand is seen when the list opens',
      'many: connected, they have their states',
      'many: the list is walked by the keyboard from end to end',
      'many: one is found by its name',
      'many: the filter leaves ten that are pending',
      'many: a new one is there at once',
    ],
  ],
  [
    'strangers',
    'three tools without a configuration, from the finding to the way back',
    ['prisma', 'flyway', 'golang-migrate'].flatMap((tool) =>
      [
        'opened without a configuration, its finding is seen',
        'it is made safe as files of the tool',
        'connected, its migrations are pending',
        'they are applied up to the deploy, which is confirmed',
        'the change is done, in the history of the tool',
        'the newest is reverted',
      ].map((step) => `${tool}: ${step}`),
    ),
  ],
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
