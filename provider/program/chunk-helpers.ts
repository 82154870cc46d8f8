type Getters = Record<string, () => unknown>

/** What esbuild's chunks call to export and import names, as in its own runtime but without copies. */
export const CHUNK_HELPERS = {
  __export: (target: object, all: Getters): void => {
    for (const name in all) Object.defineProperty(target, name, { get: all[name], enumerable: true })
  },
  __toCommonJS: (module: object): object => Object.defineProperty(module, '__esModule', { value: true }),
  /** Every chunk is a module already. */
  __toESM: (module: object): object => module,
}
