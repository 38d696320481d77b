import type { TypeName } from '../../model/type-name.ts';
import type { PlanContext } from '../plan.ts';

const DAY = String.raw`\d{4}-\d{2}-\d{2}`;
const TIME = String.raw`(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?`;
const DAY_MS = 86_400_000;
const ZONE = String.raw`(?:Z|[+-]\d{2}(?::?\d{2})?)`;

/** How the bounds of a column type are written. `zoned`: one without a zone is taken as UTC. */
const FORMS: Readonly<Record<string, { readonly pattern: RegExp; readonly like: string; readonly zoned?: true }>> = {
  int2: { pattern: /^-?\d+$/, like: '1000' },
  int4: { pattern: /^-?\d+$/, like: '1000000' },
  int8: { pattern: /^-?\d+$/, like: '1000000' },
  numeric: { pattern: /^-?\d+(?:\.\d+)?$/, like: '1000.5' },
  date: { pattern: new RegExp(`^${DAY}$`), like: '2027-01-01' },
  timestamp: { pattern: new RegExp(`^${DAY}${TIME}$`), like: '2027-01-01 00:00' },
  timestamptz: { pattern: new RegExp(`^${DAY}${TIME}${ZONE}?$`), like: '2027-01-01 00:00+00', zoned: true },
};

/**
 * Bounds of ranges of a column, as SQL literals in ascending order that mean the same in every session; a text says what
 * is wrong with them.
 */
export function rangeBounds(
  context: PlanContext,
  column: string,
  type: TypeName | undefined,
  written: readonly string[],
): readonly string[] | string {
  const form =
    type === undefined || type.schema !== undefined || type.arrayDimensions > 0 ? undefined : FORMS[type.name];
  if (form === undefined)
    return `"${column}" is ${type?.display ?? 'of an unknown type'}: only numbers, dates and timestamps are divided into ranges here.`;
  if (written.length === 0) return 'Give at least one bound: rows below the first one stay where they are.';
  const wrong = written.find((bound) => !form.pattern.test(bound) || Number.isNaN(placeOf(bound, form.zoned === true)));
  if (wrong !== undefined) return `"${wrong}" is no bound of ${type?.display ?? column}: write it as ${form.like}.`;
  const places = written.map((bound) => placeOf(bound, form.zoned === true));
  const unordered = written.find(
    (_, index) => index > 0 && !((places[index - 1] ?? Number.NaN) < (places[index] ?? Number.NaN)),
  );
  if (unordered !== undefined)
    return `The bound ${unordered} is not above the one before it: write them in ascending order.`;
  return written.map((bound) =>
    context.engine.quoteText(
      form.zoned === true && !new RegExp(`[ T].*${ZONE}$|^${DAY}${ZONE}$`).test(bound)
        ? `${withTime(bound)}+00`
        : bound,
    ),
  );
}

/** Number by which bounds of one column are compared; not a number where there is no such day or time. */
function placeOf(bound: string, zoned: boolean): number {
  if (!/^\d{4}-\d{2}-\d{2}/.test(bound)) return Number(bound);
  const day = bound.slice(0, 10);
  const zone = new RegExp(`${ZONE}$`).exec(bound.slice(10))?.[0] ?? '';
  const offset =
    !zoned || zone === '' || zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`;
  const time = bound.slice(10, bound.length - zone.length).replace(/^[ T]/, '') || '00:00';
  const [year, month, number] = day.split('-').map(Number);
  const isDay =
    year !== undefined &&
    month !== undefined &&
    number !== undefined &&
    number >= 1 &&
    number <= (Date.UTC(year, month, 1) - Date.UTC(year, month - 1, 1)) / DAY_MS;
  return isDay ? Date.parse(`${day}T${time}${offset}`) : Number.NaN;
}

function withTime(bound: string): string {
  return bound.length > 10 ? bound : `${bound} 00:00`;
}
