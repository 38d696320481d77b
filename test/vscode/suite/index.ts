// Entry of the suite in the extension host: collects results into a file and throws when something failed.
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import { suite } from './suite.ts';

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 40_000, color: false });
  // Mocha's types know no context but a file's.
  mocha.suite.emit('pre-require', globalThis as never, '', mocha);
  suite();
  const passes: string[] = [];
  const failures: { title: string; error: string }[] = [];
  const failed = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on('pass', (test) => passes.push(test.fullTitle()));
    runner.on('fail', (test, error) => failures.push({ title: test.fullTitle(), error: error.stack ?? String(error) }));
  });
  const file = process.env['LOCKSTEP_HOST_RESULT'];
  if (file !== undefined) writeFileSync(file, JSON.stringify({ passes, failures }));
  if (failed > 0) throw new Error(`${failed} tests failed`);
}
