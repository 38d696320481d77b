import { byLanguage } from './facts/by-language.ts';
import type { Rule } from './rule.ts';

/** Migrations that every instance of a service runs when it starts. */
export const migrateAtStartUp: Rule = {
  code: 'migrate-at-start-up',
  title: 'A service runs its migrations when it starts',
  severity: 'warning',
  dialects: ['postgresql'],
  isForEveryProduct: true,
  why:
    'A call of Database.Migrate() where a service starts runs the migrations in every instance, before anybody has read their SQL, and while instances of the old version still serve. ' +
    'The service needs the right to change the schema for ever, a migration that fails keeps every new instance from starting, and until EF Core 9 two instances run the same migration at once. ' +
    'Steps that wait for a deploy cannot be told apart from others. ' +
    'Apply migrations in a step of the deployment of their own; a call that only development or an argument reaches is not reported, and neither is a program that is no service.',
  docs: ['https://learn.microsoft.com/ef/core/managing-schemas/migrations/applying#apply-migrations-at-runtime'],
  bad: [],
  good: [],
  csharp: {
    bad: [
      {
        title: 'In Program.cs',
        dialect: 'postgresql',
        up: '',
        source: {
          path: 'Program.cs',
          text: `using var scope = app.Services.CreateScope();
scope.ServiceProvider.GetRequiredService<AppContext>().Database.<|Migrate|>();
app.Run();`,
        },
      },
      {
        title: 'Of SQL Server',
        product: 'SQL Server',
        up: '',
        source: { path: 'Program.cs', text: `await db.Database.<|MigrateAsync|>();` },
      },
    ],
    good: [
      {
        title: 'In development only',
        dialect: 'postgresql',
        up: '',
        source: {
          path: 'Program.cs',
          text: `if (app.Environment.IsDevelopment())
{
    scope.ServiceProvider.GetRequiredService<AppContext>().Database.Migrate();
}
app.Run();`,
        },
      },
      {
        title: 'For an argument',
        dialect: 'postgresql',
        up: '',
        source: { path: 'Program.cs', text: `if (args.Contains("migrate")) { db.Database.Migrate(); return; }` },
      },
      {
        title: 'With a reason',
        dialect: 'postgresql',
        up: '',
        source: {
          path: 'Program.cs',
          text: `// lockstep: allow migrate-at-start-up because there is one instance, which is stopped first
db.Database.Migrate();`,
        },
      },
    ],
  },
  check: byLanguage,
};
