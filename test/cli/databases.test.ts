import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { urlOfDotNet } from '../../server/model/dotnet-connection.ts';
import { cliFolder } from '../support/cli.ts';
import { tellInProcess } from '../support/in-process-cli.ts';

const SECRET = 'hunter2';

const FILES = {
  'apps/shop/.env': `DATABASE_URL=postgres://me:${SECRET}@env.example/shop\nSHADOW=postgres://me:${SECRET}@env.example/shadow\n`,
  'apps/shop/prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n  url      = env("SHADOW_URL")\n}\n',
  'apps/blog/drizzle.config.ts':
    "export default defineConfig({ dialect: 'sqlite', dbCredentials: { url: 'file:./blog.db' } });\nthrow new Error('run');\n",
  'apps/mail/drizzle.config.ts': 'export default { dbCredentials: { url: process.env.MAIL_URL! } };\n',
  'services/sqlx.toml': '[common]\ndatabase-url-var = "SQLX_URL"\n',
  'supabase/config.toml': '[api]\nport = 54321\n[db]\nport = 54322\nshadow_port = 54320\n[studio]\nport = 54323\n',
  'config.toml': '[db]\nport = 1\n',
  'src/Api/appsettings.Development.json': `{\n  // a comment\n  "ConnectionStrings": { "Default": "Host=net.example;Port=5433;Database=api;Username=me;Password=${SECRET};SSL Mode=Require",\n "Lite": "Data Source=local.db", "Sql": "Server=.;Database=x;Trusted_Connection=True" }\n}\n`,
  'src/Api/Api.csproj': '<Project><PropertyGroup><UserSecretsId>abc-1</UserSecretsId></PropertyGroup></Project>\n',
  'home/.microsoft/usersecrets/abc-1/secrets.json': `{ "ConnectionStrings:Live": "Host=secret.example;Database=api;Username=me;Password='${SECRET};x'" }`,
  'home/.pgpass': `pass.example:5432:app:me:${SECRET}\n`,
  'home/.pg_service.conf': `[live]\nhost=h\npassword=${SECRET}\n[with space]\n`,
};

test('databases that are named here are told, with what names them and without a password; none is connected to', async () => {
  using project = cliFolder(FILES);
  mkdirSync(`${project.folder}/empty`);
  const variables = {
    HOME: `${project.folder}/home`,
    DATABASE_URL: `postgres://me:${SECRET}@os.example/os`,
    MAIL_URL: `postgres://me:${SECRET}@mail.example/mail`,
    SQLX_URL: `postgres://me:${SECRET}@sqlx.example/x`,
    SHADOW_URL: `postgres://me:${SECRET}@prisma.example/p`,
  };
  const told = await tellInProcess(project.folder, ['databases', '--format', 'json'], variables);
  expect(told.code).toBe(0);
  expect(told.output).not.toContain(SECRET);
  const { databases } = JSON.parse(told.output) as { databases: readonly { label: string; from: string }[] };
  expect(databases.map(({ label, from }) => `${label} | ${from}`).sort()).toEqual([
    'postgres://127.0.0.1:54322/postgres | the local stack of supabase/config.toml',
    'postgres://env.example/shadow | SHADOW in apps/shop/.env',
    'postgres://env.example/shop | DATABASE_URL in apps/shop/.env',
    'postgres://mail.example/mail | MAIL_URL, which apps/mail/drizzle.config.ts names',
    'postgres://net.example:5433/api | Default in src/Api/appsettings.Development.json',
    'postgres://os.example/os | the environment variable DATABASE_URL',
    'postgres://pass.example:5432/app | me, whose password is in the password file',
    'postgres://prisma.example/p | SHADOW_URL, which apps/shop/prisma/schema.prisma names',
    'postgres://secret.example/api | ConnectionStrings:Live in the user secrets of src/Api/Api.csproj',
    'postgres://sqlx.example/x | SQLX_URL, which services/sqlx.toml names',
    'service=live | section live of the service file',
    'sqlite:apps/blog/./blog.db | apps/blog/drizzle.config.ts'.replace('/./', '/'),
    'sqlite:src/Api/local.db | Lite in src/Api/appsettings.Development.json',
  ]);
  const text = await tellInProcess(project.folder, ['databases'], variables);
  expect(text.output).not.toContain(SECRET);
  expect((await tellInProcess(`${project.folder}/empty`, ['databases'], {})).output).toBe(
    'No database is named here.\n',
  );
});

test.each([
  ['Host=h;Database=app', 'postgres://h/app'],
  ['Server=h;Port=5432;User Id=me;Password="a;b""c";Database=my app', 'postgres://me:a%3Bb%22c@h:5432/my%20app'],
  ['Host=h;Database=app;SSL Mode=VerifyFull', 'postgres://h/app?sslmode=verify-full'],
  ['Host=a,b;Database=app', undefined],
  ['Host=/var/run;Database=app', undefined],
  ['Server=h;Database=app;User Id=sa', undefined],
  ['Server=h;Initial Catalog=app;Integrated Security=true', undefined],
  ['Data Source=app.db;Cache=Shared', 'sqlite:app.db'],
  ['Data Source=tcp:h,1433;Database=x', undefined],
  ['just a text', undefined],
])('the connection string %j of .NET is %s', (text, url) => {
  expect(urlOfDotNet(text)).toBe(url);
});
