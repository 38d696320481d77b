import { describe, expect, test } from 'vitest';
import {
  type Answer,
  type Asked,
  EF_PROVIDERS,
  EF_VERSIONS,
  type EfProvider,
  recordedAnswers,
} from './oracle/oracle.ts';

/** What the providers of EF Core were recorded to say; `test/efcore/dotnet/oracle.test.ts` asks them again. */
function answersTo(provider: EfProvider, isAsked: (code: string) => boolean): ReadonlyMap<string, [Asked, Answer][]> {
  const found = new Map<string, [Asked, Answer][]>();
  for (const line of recordedAnswers(provider)) {
    if ('designer' in line || !isAsked(line.code)) continue;
    found.set(
      line.code,
      line.answers.flatMap(({ asked, answer }) => asked.map((by): [Asked, Answer] => [by, answer])),
    );
  }
  expect(found.size).toBeGreaterThan(0);
  return found;
}

function textsOf(answer: Answer): readonly string[] {
  return 'error' in answer ? [] : answer.map((command) => (typeof command === 'string' ? command : command[0]));
}

function allTexts(provider: EfProvider, isAsked: (code: string) => boolean): readonly string[] {
  return [...answersTo(provider, isAsked).values()].flatMap((answers) =>
    answers.flatMap(([, answer]) => textsOf(answer)),
  );
}

describe.each(EF_PROVIDERS)('%s', (provider) => {
  test('every version answered every case, with and without a model', () => {
    for (const [code, answers] of answersTo(provider, () => true)) {
      expect([code, answers.map(([asked]) => asked).sort()]).toEqual([
        code,
        EF_VERSIONS.flatMap((version) => [version, `${version} model`]).sort(),
      ]);
    }
  });

  test('a column whose nullability is omitted is required', () => {
    for (const text of allTexts(
      provider,
      (code) => code === 'migrationBuilder.AddColumn<string>(name: "email", table: "users");',
    ))
      expect(text).toContain('NOT NULL');
  });
});

describe('npgsql', () => {
  test('only an annotation of the operation builds an index concurrently, and then outside the transaction', () => {
    for (const [code, answers] of answersTo('npgsql', (text) => /^migrationBuilder\.CreateIndex\(.*;$/.test(text))) {
      for (const [, answer] of answers) {
        if ('error' in answer) continue;
        const isConcurrent = code.includes('Npgsql:CreatedConcurrently", true');
        expect([code, answer.map((command) => typeof command !== 'string')]).toEqual([code, [isConcurrent]]);
        expect(textsOf(answer)[0]?.includes('CONCURRENTLY')).toBe(isConcurrent);
      }
    }
  });

  test('no index is dropped concurrently and no constraint is added NOT VALID', () => {
    for (const text of allTexts('npgsql', (code) => /\.(?:DropIndex|Add\w*(?:Key|Constraint))\(/.test(code)))
      expect(text).not.toMatch(/CONCURRENTLY|NOT VALID|USING INDEX/);
  });

  test('null to not null with a default updates every row in the same command', () => {
    const texts = allTexts('npgsql', (code) => /nullable: false, defaultValue: "", .*oldNullable: true\);$/.test(code));
    for (const text of texts)
      expect(text).toMatch(
        /UPDATE users SET email = '' WHERE email IS NULL;\s+ALTER TABLE users ALTER COLUMN email SET NOT NULL;/,
      );
  });

  test('a type is never changed with USING', () => {
    for (const text of allTexts('npgsql', (code) => code.includes('AlterColumn'))) expect(text).not.toContain('USING');
  });

  test('a label cannot be taken out of an enum', () => {
    const code =
      'migrationBuilder.AlterDatabase().Annotation("Npgsql:Enum:mood", "sad").OldAnnotation("Npgsql:Enum:mood", "sad,ok");';
    for (const answers of answersTo('npgsql', (text) => text === code).values())
      for (const [, answer] of answers) expect(answer).toHaveProperty('error');
  });
});

describe('sqlite', () => {
  test('a rebuild comes after everything else, and commits before it drops the table', () => {
    const code =
      'migrationBuilder.DropColumn(name: "old", table: "users");\nmigrationBuilder.Sql("UPDATE users SET name = \'x\'");';
    for (const [asked, answer] of answersTo('sqlite', (text) => text === code).get(code) ?? []) {
      if (!asked.endsWith('model')) {
        expect(answer).toHaveProperty('error');
        continue;
      }
      const heads =
        'error' in answer
          ? []
          : answer.map((command) => (typeof command === 'string' ? command : `bare ${command[0]}`).split('\n')[0]);
      expect(heads.map((head) => head?.replace(/\(.*/, '').trim())).toEqual([
        "UPDATE users SET name = 'x'",
        'CREATE TABLE "ef_temp_users"',
        'INSERT INTO "ef_temp_users"',
        'bare PRAGMA foreign_keys = 0;',
        'DROP TABLE "users";',
        'ALTER TABLE "ef_temp_users" RENAME TO "users";',
        'bare PRAGMA foreign_keys = 1;',
        'CREATE UNIQUE INDEX "ix_users_email" ON "users"',
        'CREATE INDEX "ix_users_lower" ON "users"',
        'CREATE INDEX "ix_users_status_name" ON "users"',
      ]);
    }
  });
});

describe('sqlserver', () => {
  test('an index is built online only by an annotation of the operation', () => {
    for (const [code, answers] of answersTo('sqlserver', (text) => /^migrationBuilder\.CreateIndex\(.*;$/.test(text)))
      for (const [, answer] of answers)
        for (const text of textsOf(answer))
          expect([code, text.includes('ONLINE = ON')]).toEqual([code, code.includes('SqlServer:Online", true')]);
  });

  test('an index cannot be dropped without its table', () => {
    for (const answers of answersTo(
      'sqlserver',
      (code) => code === 'migrationBuilder.DropIndex(name: "ix_users_email");',
    ).values())
      for (const [, answer] of answers) expect(answer).toHaveProperty('error');
  });
});
