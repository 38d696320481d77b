import { byLanguage } from './facts/by-language.ts';
import type { Rule } from './rule.ts';

/** The password of a shared database in a file of the repository. */
export const passwordInSource: Rule = {
  code: 'password-in-source',
  title: 'The password of a database stands in the source',
  severity: 'warning',
  dialects: ['postgresql'],
  isForEveryProduct: true,
  why:
    'A connection string with a password in appsettings.json, or in the factory that "dotnet ef" builds the context by, is read by everybody who has the repository or a build of it, and stays in its history when it is deleted. ' +
    'The rights that migrations need are those that must not leak. ' +
    'Take it from the environment, user secrets or a vault; databases on the own machine and placeholders are not reported.',
  docs: [
    'https://learn.microsoft.com/aspnet/core/security/app-secrets',
    'https://learn.microsoft.com/ef/core/miscellaneous/connection-strings',
  ],
  bad: [],
  good: [],
  csharp: {
    bad: [
      {
        title: 'In appsettings.json',
        dialect: 'postgresql',
        up: '',
        source: {
          path: 'appsettings.json',
          text: `{ "ConnectionStrings": { "Shop": "Host=db.example.com;Database=shop;Username=owner;<|Password|>=hunter2" } }`,
        },
      },
      {
        title: 'In a design-time factory',
        dialect: 'postgresql',
        up: '',
        source: {
          path: 'ShopContextFactory.cs',
          text: `public class ShopContextFactory { ShopContext Create() => new(o => o.UseNpgsql("Server=10.1.2.3;Database=shop;User Id=owner;<|Password|>=hunter2")); }`,
        },
      },
    ],
    good: [
      {
        title: 'On the own machine',
        dialect: 'postgresql',
        up: '',
        source: {
          path: 'appsettings.Development.json',
          text: `{ "ConnectionStrings": { "Shop": "Host=localhost;Port=5432;Database=shop;Username=postgres;Password=postgres" } }`,
        },
      },
      {
        title: 'A placeholder',
        dialect: 'postgresql',
        up: '',
        source: {
          path: 'appsettings.json',
          text: `{ "ConnectionStrings": { "Shop": "Host=db.example.com;Database=shop;Username=app;Password={password}" } }`,
        },
      },
      {
        title: 'Without a password',
        dialect: 'postgresql',
        up: '',
        source: {
          path: 'appsettings.json',
          text: `{ "ConnectionStrings": { "Shop": "Host=db.example.com;Database=shop;Username=app" } }`,
        },
      },
    ],
  },
  check: byLanguage,
};
