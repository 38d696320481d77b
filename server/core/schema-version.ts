/** Counts breaking changes of the JSON output: fields are added, never renamed. */
export const SCHEMA_VERSION = 1;
