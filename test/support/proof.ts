/** What is shown of a recipe: on a server, between its steps, and with both versions of an application beside it. */
export type Fact = 'catalog' | 'silent' | 'quiet' | 'back' | 'queries' | 'rows';

/** Told: not so by the change's nature, and its files say why. */
export type Shown = boolean | 'told';

/** What one case showed of a recipe on one major; a fact that its test does not look at is left out. */
export interface Proof {
  readonly recipe: string;
  readonly major: number;
  readonly facts: Partial<Record<Fact, Shown>>;
}

declare module 'vitest' {
  interface TaskMeta {
    proof?: Proof;
  }
}

const LETTERS: readonly (readonly [Fact, string, string])[] = [
  ['catalog', 'C', 'the catalog is that of the direct statement (c: but for the place of a column)'],
  ['silent', 'S', 'linting the steps is silent'],
  ['quiet', 'W', 'no step reads or rewrites a table under a lock that blocks writes'],
  ['back', 'R', 'reversible (r: up to a step that says why not)'],
  ['queries', 'Q', 'no query of the old or the new version fails, up and back at each point'],
  ['rows', 'E', 'no row is lost or differs'],
];

/** A recipe x major table; a letter stands where every case of the recipe showed the fact, `-` where one did not, `.` where none was run. */
export function proofTable(proofs: readonly Proof[]): string {
  const majors = [...new Set(proofs.map((proof) => proof.major))].sort((a, b) => a - b);
  const recipes = [...new Set(proofs.map((proof) => proof.recipe))].sort();
  const cell = (recipe: string, major: number): string =>
    LETTERS.map(([fact, letter]) => {
      const shown = proofs.flatMap((proof) =>
        proof.recipe === recipe && proof.major === major ? (proof.facts[fact] ?? []) : [],
      );
      if (shown.length === 0) return '.';
      if (shown.includes(false)) return '-';
      return shown.includes('told') ? letter.toLowerCase() : letter;
    }).join('');
  const width = Math.max(...recipes.map((recipe) => recipe.length), 6);
  const line = (first: string, cells: readonly string[]): string =>
    `${first.padEnd(width)}  ${cells.map((text) => text.padStart(8)).join('')}`;
  return [
    line('recipe', majors.map(String)),
    ...recipes.map((recipe) =>
      line(
        recipe,
        majors.map((major) => cell(recipe, major)),
      ),
    ),
    ...LETTERS.map(([, letter, words]) => `${letter}: ${words}`),
  ].join('\n');
}
