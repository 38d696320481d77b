import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  answersFile,
  answersText,
  askOracle,
  EF_PROVIDERS,
  EF_VERSIONS,
  mergeAnswers,
  noDotnet,
} from '../oracle/oracle.ts';

const reason = noDotnet();
if (reason !== undefined) console.log(`The answers of EF Core are not asked again: ${reason}.`);

describe.skipIf(reason !== undefined)('the real providers of EF Core', () => {
  let said: Parameters<typeof mergeAnswers>[1];

  beforeAll(async () => {
    const lines = [];
    for (const version of EF_VERSIONS) lines.push([version, await askOracle(version)] as const);
    // One entry for each version was made just above.
    said = Object.fromEntries(lines) as unknown as typeof said;
  }, 900_000);

  test.each(EF_PROVIDERS)('%s says what is recorded', (provider) => {
    const text = answersText(mergeAnswers(provider, said));
    if (process.env['LOCKSTEP_WRITE'] === '1') writeFileSync(answersFile(provider), text);
    expect(text.split('\n')).toEqual(readFileSync(answersFile(provider), 'utf8').split('\n'));
  });
});
