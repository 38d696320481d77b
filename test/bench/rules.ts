// What the rules add to a keystroke: the same edits in a project without rules, with the recommended ones, and with all of them.
import { loadEngines } from '../../server/host/load-engines.ts';
import { openProjects } from '../../server/application/open-project.ts';
import { RULES } from '../../server/rules/index.ts';
import { MemoryFiles } from '../support/memory-files.ts';
import { twoMigrations } from './inputs.ts';
import { ms, percentile, table } from './measure.ts';

const STATEMENTS = 1_000;
const KEYSTROKES = 400;
const WARM_UP = 100;
const FILE = 'migrations/0002_changes.up.sql';

const SETTINGS: readonly { readonly title: string; readonly settings: object; readonly aim: string }[] = [
  { title: 'no rule', settings: { rules: Object.fromEntries(RULES.map((rule) => [rule.code, 'off'])) }, aim: '' },
  { title: 'the recommended ones', settings: {}, aim: '' },
  { title: `all ${RULES.length}`, settings: { preset: 'all' }, aim: '2' },
];

/** Markdown: one row for each set of rules. In the process, the sets taking turns, so that a pause of the machine hits all alike. */
export async function rules(): Promise<string> {
  const engines = await loadEngines();
  const [earlier, text] = twoMigrations(STATEMENTS);
  const place = text.indexOf(' ADD COLUMN ', text.length / 2) + ' ADD COLUMN '.length + 1;
  const typed = `${text.slice(0, place)}x${text.slice(place)}`;
  const projects = await Promise.all(
    SETTINGS.map(async ({ settings }) => {
      const files = new MemoryFiles({
        '/bench/lockstep.jsonc': JSON.stringify({ dialect: 'postgresql', ...settings }),
        '/bench/migrations/0001_tables.up.sql': earlier,
        [`/bench/${FILE}`]: text,
      });
      const {
        projects: [project],
      } = await openProjects({ root: '/bench', files, engines });
      if (project === undefined) throw new Error('no project was found');
      return project;
    }),
  );
  const taken = projects.map((): number[] => []);
  const findings = projects.map(() => 0);
  for (let stroke = 0; stroke < WARM_UP + KEYSTROKES; stroke++) {
    for (const [index, project] of projects.entries()) {
      const start = performance.now();
      project.setText(FILE, stroke % 2 === 0 ? typed : text);
      findings[index] = project.lint(FILE).findings.length;
      if (stroke >= WARM_UP) taken[index]?.push(performance.now() - start);
    }
  }
  const middle = taken.map((times) => percentile(times, 0.5));
  return `A keystroke in the middle of a file of 1,000 statements, median:\n\n${table(
    ['rules', 'findings', 'keystroke, ms', 'added by the rules, ms', 'aim'],
    SETTINGS.map(({ title, aim }, index) => [
      title,
      String(findings[index] ?? 0),
      ms(middle[index] ?? Number.NaN),
      index === 0 ? '' : ms((middle[index] ?? Number.NaN) - (middle[0] ?? Number.NaN)),
      aim,
    ]),
  )}\n`;
}
