import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { EF_PROVIDERS, recordedAnswers } from '../oracle/oracle.ts';
import { type Mutation, mutationsOf } from './mutations.ts';

/** Documents of each kind of change to each fixture. */
const MUTATIONS = 6;

const FIXTURES = path.join(import.meta.dirname, 'fixtures');
const PROJECT = path.join(import.meta.dirname, '../../tools/projects/efcore/src/Migrations');

/** Every document that both readers read: fixtures, what they were changed to, and the calls that the oracle asks about. */
export function readDocuments(): readonly Mutation[] {
  const fixtures = readdirSync(FIXTURES).map((name) => ({
    name,
    text: readFileSync(path.join(FIXTURES, name), 'utf8'),
  }));
  const project = readdirSync(PROJECT).map((name) => ({ name, text: readFileSync(path.join(PROJECT, name), 'utf8') }));
  return [
    ...fixtures,
    ...project,
    ...EF_PROVIDERS.flatMap(oracleDocuments),
    ...fixtures.flatMap(({ name, text }) => mutationsOf(name, text, MUTATIONS)),
  ];
}

/** The calls and the Designers of the oracle of one provider. */
function oracleDocuments(provider: (typeof EF_PROVIDERS)[number]): readonly Mutation[] {
  const lines = recordedAnswers(provider);
  const calls = lines.flatMap((line) => ('code' in line ? [line.code] : []));
  const designers = lines.flatMap((line) => ('designer' in line ? [line.designer] : []));
  return [
    {
      name: `calls for ${provider}`,
      text: `class Calls : Migration\n{\n    protected override void Up(MigrationBuilder migrationBuilder)\n    {\n${calls.join('\n')}\n    }\n}\n`,
    },
    ...designers.map((text, index) => ({ name: `designer ${index + 1} for ${provider}`, text })),
  ];
}
