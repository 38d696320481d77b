import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { answersText, askScriptDom, SCRIPTDOM_FILE } from '../../engines/sqlserver/scriptdom.ts';
import { scripts } from '../../engines/sqlserver/scripts.ts';
import { noDotnet } from '../oracle/oracle.ts';

const reason = noDotnet();
if (reason !== undefined) console.log(`Microsoft's parser of T-SQL is not asked again: ${reason}.`);

describe.skipIf(reason !== undefined)("Microsoft's parser of T-SQL", () => {
  test('says what is recorded', async () => {
    const asked = scripts();
    const text = answersText(asked, await askScriptDom(asked));
    if (process.env['LOCKSTEP_WRITE'] === '1') writeFileSync(SCRIPTDOM_FILE, text);
    expect(text.split('\n')).toEqual(readFileSync(SCRIPTDOM_FILE, 'utf8').split('\n'));
  }, 600_000);
});
