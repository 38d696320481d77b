import { ENGINE_TITLES } from '../model/engine-id.ts';
import type { CodeExample, Rule, RuleExample } from '../rules/rule.ts';

/** Sentences about what the statements of an example lock, for the reader. */
export type LocksOfExample = (example: RuleExample) => readonly string[];

/** Text of RULES.md: for each rule what it flags, why, bad with what it locks, good, and where it is written. */
export function rulesDocument(rules: readonly Rule[], locks: LocksOfExample = () => []): string {
  const sorted = [...rules].sort((left, right) => (left.code < right.code ? -1 : 1));
  return [
    '# Rules',
    '',
    'This file is generated from the rules; their examples are also their tests.',
    'Change a rule\'s severity in `lockstep.jsonc`: `"rules": { "CODE": "off" }`.',
    'Allow one statement with a comment above it: `-- lockstep: allow CODE because REASON`.',
    'Allow a whole file with `-- lockstep: allow-file CODE because REASON`.',
    'What Lockstep cannot read, such as dynamic SQL, is passed over with `-- lockstep: allow not-analysed because REASON` above it: it then counts as changing nothing that later migrations meet.',
    'Rules of the preset `recommended` are on; `"preset": "strict"` or `"all"` in `lockstep.jsonc` adds the others, for everything or for one folder of `migrations`.',
    '',
    '| code | severity | preset | databases | what it flags |',
    '| --- | --- | --- | --- | --- |',
    ...sorted.map(
      (rule) =>
        `| [\`${rule.code}\`](#${rule.code}) | ${rule.severity} | ${rule.preset ?? 'recommended'} | ${rule.dialects.map(dialectTitle).join(', ')} | ${rule.title} |`,
    ),
    ...sorted.flatMap((rule) => ruleSection(rule, locks)),
    '',
    '## unknown-directive',
    '',
    'A `-- lockstep:` line that is no directive, so that it does nothing.',
    '',
    '## unknown-allow',
    '',
    'An `allow` line that names no rule.',
    '',
    '## allow-without-reason',
    '',
    'An `allow` line that does not say why.',
    'Write `-- lockstep: allow CODE because REASON`.',
    '',
    '## edited-after-apply',
    '',
    'A migration that the connected database has, whose text is not the one that was applied; with `lockstep lint --base`, one that the revision has, with another text.',
    'Applied migrations are not linted otherwise: they are history.',
    '',
    '## unused-allow',
    '',
    'An `allow` line at a place where nothing is reported.',
    '',
    '## allow-of-another-linter',
    '',
    'A comment of squawk, Atlas, Postgres Language Server, eugene, pgfence, MigrationPilot, pgsafe or diesel-guard, which counts as an allowance of the rules that it means: nothing of them is reported there.',
    'The fix writes it as an `allow` line, which is checked: it needs a reason, and it is told when nothing is reported any more.',
    '',
  ].join('\n');
}

/** What RULES.md says of one rule, as a page of its own; undefined for a code that is none. */
export function ruleDocument(rules: readonly Rule[], code: string): string | undefined {
  const rule = rules.find((candidate) => candidate.code === code);
  if (rule === undefined) return undefined;
  const [, heading = '', ...rest] = ruleSection(rule, () => []);
  return [
    heading.replace('##', '#'),
    ...rest,
    `Change its severity in \`lockstep.jsonc\`: \`"rules": { "${code}": "off" }\`.`,
    '',
  ].join('\n');
}

function ruleSection(rule: Rule, locks: LocksOfExample): readonly string[] {
  return [
    '',
    `## ${rule.code}`,
    '',
    `**${rule.title}**`,
    '',
    rule.why,
    ...(rule.documented ?? []).flatMap(({ product, why }) => [
      '',
      `On ${product}, from documentation and not measured: ${why}`,
    ]),
    ...(rule.aliases === undefined || rule.aliases.length === 0
      ? []
      : ['', `Earlier names: ${rule.aliases.map((alias) => `\`${alias}\``).join(', ')}.`]),
    '',
    '### Reported',
    ...rule.bad.flatMap((example) => [...exampleLines(example), ...locks(example).flatMap((line) => ['', line])]),
    ...(rule.csharp?.bad ?? []).flatMap(codeLines),
    '',
    '### Not reported',
    ...rule.good.flatMap(exampleLines),
    ...(rule.csharp?.good ?? []).flatMap(codeLines),
    '',
    ...(rule.options === undefined
      ? []
      : [
          '### Options',
          '',
          ...Object.entries(rule.options).map(
            ([name, option]) => `- \`${name}\` (default ${JSON.stringify(option.default)}): ${option.description}`,
          ),
          '',
        ]),
    '### Sources',
    '',
    ...[...rule.docs, ...(rule.documented ?? []).flatMap(({ docs }) => docs)].map((url) => `- <${url}>`),
    '',
    `Allow it with \`-- lockstep: allow ${rule.code} because REASON\` above the statement.`,
  ];
}

function exampleLines(example: RuleExample): readonly string[] {
  const version = example.version === undefined ? '' : ` ${example.version}`;
  return [
    '',
    `${example.title} (${dialectTitle(example.dialect)}${version}).`,
    '',
    '```sql',
    ...(example.before ?? []).flatMap((migration) => ['-- an earlier migration', migration.trim(), '']),
    example.sql.replaceAll('<|', '').replaceAll('|>', '').trim(),
    ...(example.down === undefined
      ? []
      : ['', '-- its down half', example.down.replaceAll('<|', '').replaceAll('|>', '').trim()]),
    '```',
    ...(example.fixed === undefined ? [] : ['', 'Fixed:', '', '```sql', example.fixed.trim(), '```']),
    ...(example.steps === undefined
      ? []
      : ['', 'Split into:', '', ...example.steps.map((step, index) => `${index + 1}. ${step}`)]),
  ];
}

function codeLines({ title, dialect, product, before, up, down, models, source }: CodeExample): readonly string[] {
  const plain = (text: string): string => text.replaceAll('<|', '').replaceAll('|>', '').trim();
  const designer = models?.at(-1);
  if (source !== undefined)
    return [
      '',
      `${title} (EF Core, \`${source.path}\`).`,
      '',
      `\`\`\`${source.path.endsWith('.json') ? 'json' : 'csharp'}`,
      plain(source.text),
      '```',
    ];
  return [
    '',
    `${title} (EF Core, ${dialect === undefined ? product : dialectTitle(dialect)}).`,
    '',
    '```csharp',
    ...(before ?? []).flatMap((body) => ['// an earlier migration', plain(body), '']),
    plain(up),
    ...(down === undefined ? [] : ['', '// Down', plain(down)]),
    ...(designer === undefined ? [] : ['', '// its Designer', plain(designer)]),
    '```',
  ];
}

function dialectTitle(dialect: RuleExample['dialect']): string {
  return ENGINE_TITLES[dialect];
}
