import type { Rule } from './rule.ts';

/** Something that is replaced before the SQL is sent, by what nothing here tells. */
export const placeholder: Rule = {
  code: 'placeholder',
  title: 'Something stands here that is replaced before the SQL is sent, and nothing tells by what',
  severity: 'info',
  dialects: ['postgresql', 'sqlite'],
  why:
    'Tools replace placeholders such as `${schema}` or `{{ .schema }}` before they send a migration. ' +
    'Where their configuration says the value, Lockstep reads the statement with it; where it does not, the statement is read with a name in its place, so that the rest of it is still looked at. ' +
    'What depends on the value, such as whether the table is there, is then not known.',
  docs: [
    'https://documentation.red-gate.com/fd/placeholders-275218551.html',
    'https://docs.liquibase.com/concepts/changelogs/property-substitution.html',
  ],
  bad: [
    {
      title: 'A schema',
      dialect: 'postgresql',
      sql: 'CREATE TABLE <|${schema}|>.users (id bigint PRIMARY KEY);\nCREATE INDEX users_id ON ${schema}.users (id);',
    },
    {
      title: 'A template',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'GRANT SELECT ON users TO <|{{ .reader }}|>;',
    },
    {
      title: 'Names of others between underscores',
      dialect: 'postgresql',
      before: ['CREATE TABLE users (id bigint PRIMARY KEY);'],
      sql: 'GRANT SELECT ON users TO <|__reader__|>;\nALTER TABLE users OWNER TO <|__owner__|>;\nALTER TABLE users SET SCHEMA <|__schema__|>;',
    },
    { title: 'A name', dialect: 'sqlite', sql: 'CREATE TABLE <|%prefix%|>users (id INTEGER PRIMARY KEY);' },
  ],
  good: [
    {
      title: 'What looks like one in a string',
      dialect: 'postgresql',
      sql: "SELECT '${schema} {{ .reader }}';",
    },
    {
      title: 'A table that is called so',
      dialect: 'postgresql',
      sql: 'CREATE TABLE __applied__ (id bigint PRIMARY KEY);\nALTER TABLE __applied__ RENAME TO __done__;\nDROP TABLE __done__;',
    },
  ],
  *check(context) {
    const told = new Set<string>();
    for (const statement of context.statements) {
      for (const { text, span, client } of statement.body.placeholders ?? []) {
        if (client !== undefined || told.has(text)) continue;
        told.add(text);
        yield {
          statement,
          span,
          message: `${text} is a placeholder, and nothing here tells what it is replaced by: it is read as if it were a name or a value, and what depends on its value is not known.`,
        };
      }
    }
  },
};
