import manifest from '../../package.json' with { type: 'json' };

/** This release: `0.1.0`. */
export const VERSION: string = manifest.version;
