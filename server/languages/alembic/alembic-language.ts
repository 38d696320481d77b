import { embeddedLanguage, statementTexts } from '../embedded/embedded-language.ts';
import type { Language } from '../language.ts';
import { operationCalls } from './operation-calls.ts';
import { scriptIn } from './script.ts';

/** Migrations of Alembic in Python: the SQL of `op.execute` is read, and every other use of the database is told. */
export const alembicLanguage: Language = embeddedLanguage({
  id: 'alembic',
  title: 'Alembic (Python)',
  commentMark: '#',
  // In a text of Python these would need another form, which differs by the kind of text; SQLAlchemy reads colons.
  unwritable: /["'\\:\r\n]/,
  callsIn: (text, within) => {
    const script = scriptIn(text);
    return [script.up, script.down]
      .filter((half) => half !== undefined)
      .filter(({ body }) => body.start >= within.start && body.end <= within.end)
      .flatMap((half) => operationCalls(script, half));
  },
  step: (sql, transaction) => executeCalls(sql, transaction),
});

/** Calls that send some SQL, one for each statement, as the body of a function; none is a body too. */
export function executeCalls(sql: string, transaction: 'one' | 'none'): string {
  const indent = transaction === 'none' ? '        ' : '    ';
  const calls = statementTexts(sql).map((part) => `${indent}op.execute(${pythonText(escapedColons(part))})\n`);
  if (transaction === 'none')
    return `    with op.get_context().autocommit_block():\n${calls.length === 0 ? `${indent}pass\n` : calls.join('')}`;
  return calls.join('');
}

/** What SQLAlchemy would take for a parameter is written so that it does not. */
function escapedColons(sql: string): string {
  return sql.replaceAll(/(?<![:\w\\]):(?=\w+(?!:))/g, '\\:');
}

/** A text of Python that says this, in as few quotes as it needs. */
export function pythonText(sql: string): string {
  const isPlain = !/["\\\r\n]/.test(sql);
  if (isPlain) return `"${sql}"`;
  const written = sql.replaceAll('\\', '\\\\').replaceAll('"""', '\\"\\"\\"').replace(/"$/, '\\"');
  return `"""${written}"""`;
}
