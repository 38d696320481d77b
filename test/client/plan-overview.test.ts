import { expect, test } from 'vitest';
import { planOverview } from '../../client/fixes/plan-overview.ts';

const step = (
  phase: string,
  title: string,
  more: { readonly deploys?: readonly string[]; readonly locks?: readonly string[] } = {},
): Parameters<typeof planOverview>[0]['steps'][number] => ({
  phase,
  title,
  deploys: more.deploys ?? [],
  locks: more.locks ?? [],
  files: [{ uri: `file:///m/${title}.sql`, path: `m/${title}.sql`, text: 'SELECT 1;' }],
});

test('a change is a page of phases, with what to deploy between them and whom each step keeps waiting', () => {
  const page = planOverview(
    {
      title: 'Make this migration safe',
      steps: [
        step('expand', 'Add users.user_state', { locks: ['ACCESS EXCLUSIVE on public.users: reads and writes wait'] }),
        step('expand', 'Build index'),
        step('migrate', 'Fill', { deploys: ['version that writes users.user_state'] }),
        step('contract', 'Drop', { deploys: ['version that reads it'] }),
        step('contract', 'Drop <more>', { deploys: ['last version'] }),
        step('replaced', 'what the unsafe statement leaves'),
      ],
    },
    (number) => `step%20${number}.sql`,
  );
  expect(page).toBe(`# Make this migration safe

Nothing is written yet, and nothing runs before you apply it.

## Expand

1. [Add users.user\\_state](step%201.sql)
   - ACCESS EXCLUSIVE on public.users: reads and writes wait
   - \`m/Add users.user_state.sql\`
2. [Build index](step%202.sql)
   - \`m/Build index.sql\`

## Deploy: version that writes users.user\\_state

## Migrate

3. [Fill](step%203.sql)
   - \`m/Fill.sql\`

## Deploy: version that reads it

## Contract

4. [Drop](step%204.sql)
   - \`m/Drop.sql\`

## Deploy: last version

## Contract

5. [Drop \\<more\\>](step%205.sql)
   - \`m/Drop <more>.sql\`

## Replaced

6. [what the unsafe statement leaves](step%206.sql)
   - \`m/what the unsafe statement leaves.sql\`
`);
});
