import {
  type HistorySetting,
  historySettings,
  type NamingConvention,
  namingConvention,
} from '../../languages/efcore/sources/history-setting.ts';

/** Where a context keeps its history, as far as the program's files tell. */
export interface HistoryPlace extends Omit<HistorySetting, 'context'> {
  readonly convention?: NamingConvention;
}

/** Unless the program names another. Source: dotnet/efcore, Migrations/HistoryRepository.cs. */
export const DEFAULT_TABLE = '__EFMigrationsHistory';

/** What the files of a program say of one context's history. */
export function historyPlace(texts: readonly string[], context: string | undefined): HistoryPlace {
  const all = historySettings(texts);
  const name = context?.slice(context.lastIndexOf('.') + 1);
  const own = all.filter((setting) => setting.context === undefined || setting.context === name);
  const kept = new Map(own.map(({ context: _, ...place }) => [JSON.stringify(place), place]));
  const [place = {}, other] = kept.values();
  const convention = namingConvention(texts);
  return {
    ...(other === undefined ? place : { unread: `${kept.size} different calls` }),
    ...(convention === undefined ? {} : { convention }),
  };
}

/** That what is applied cannot be told. */
export function unreadHistory(words: string): string {
  return `The program names the table of EF Core's history by what is only known when it runs (MigrationsHistoryTable: ${words}): Lockstep looks for ${DEFAULT_TABLE}. Write the name as a literal or a constant of the project.`;
}
