import type { TypeName } from '../model/type-name.ts';
import type { CatalogFact } from './postgres-catalog-queries.ts';

/**
 * The type of a column, domain or argument from the members `type`, `typeschema`, `display` and `isarray` of a fact, each
 * with `prefix` before it.
 *
 * Modifiers are read from the display, as format_type writes them: `numeric(10,2)`, `interval day to second(3)`.
 */
export function typeOf(fact: CatalogFact, prefix = ''): TypeName {
  const member = (name: string): string => {
    const value = fact[`${prefix}${name}`];
    return typeof value === 'string' ? value : '';
  };
  const schema = member('typeschema');
  const display = member('display');
  const isArray = fact[`${prefix}isarray`] === true;
  return {
    ...(schema === '' || schema === 'pg_catalog' ? {} : { schema }),
    name: member('type'),
    modifiers: modifiersOf(member('type'), display),
    arrayDimensions: isArray ? 1 : 0,
    display,
  };
}

function modifiersOf(name: string, display: string): readonly (number | string)[] {
  const fields = name === 'interval' ? /^interval ([a-z ]+?)(?:\(\d+\))?(?:\[\])?$/.exec(display)?.[1] : undefined;
  const inside = /\(([^()]*)\)/.exec(display.replaceAll(/"(?:[^"]|"")*"/g, ''))?.[1];
  const values =
    inside === undefined
      ? []
      : inside.split(',').map((part) => (/^-?\d+$/.test(part.trim()) ? Number(part) : part.trim()));
  return fields === undefined ? values : [fields, ...values];
}
