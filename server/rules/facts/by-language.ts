import type { Rule } from '../rule.ts';

/** The check of a rule whose findings the language makes, which has the program in hand: see `Language.remarks`. */
export const byLanguage: Rule['check'] = () => [];
