/** The npm package types its wrapper only, not the Emscripten factory under it. */
declare module 'libpg-query/wasm/libpg-query.js' {
  const createModule: (options: object) => Promise<unknown>;
  export default createModule;
}
