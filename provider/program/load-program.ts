import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import { CHUNK_HELPERS } from './chunk-helpers.js'
import { outOfComment } from './chunk-text.js'
import { PLACES, type Place } from './places.js'

/** What V8 made of chunks in an earlier run, and what it makes of them in this one. */
export interface Code {
  /** What was kept of a chunk. */
  kept(name: string): Buffer | undefined
  /** Called when a chunk has been compiled, with whether that used kept code. */
  compiled(name: string, script: Script, isKept: boolean): void
}

type Chunk = (...given: unknown[]) => void
interface Module {
  exports: object
}

/**
 * Loads the program from the chunks of the one file.
 * @param url of the one file
 * @param read the bytes at a place of it, as Latin-1
 * @returns a function that gives the exports of a chunk, by its name
 */
export function loadProgram(
  url: string,
  read: (fromEnd: number, length: number) => string,
  code?: Code,
): (name: string) => Record<string, unknown> {
  const filename = fileURLToPath(url)
  const helpers = Object.values(CHUNK_HELPERS)
  const loaded = new Map<string, Module>()
  const core = compiled('core', PLACES.core) as Record<string, Chunk>
  return (name) => require(name) as Record<string, unknown>

  function require(name: string): unknown {
    const known = loaded.get(name)
    if (known) return known.exports
    const place = PLACES.later[name]
    const chunk = place ? (compiled(name, place) as Chunk) : core[name]
    if (!chunk) return process.getBuiltinModule(name)
    const module: Module = { exports: {} }
    loaded.set(name, module)
    chunk(require, module.exports, module, url, ...helpers)
    return module.exports
  }

  function compiled(name: string, [fromEnd, length, lines]: Place): unknown {
    const cachedData = code?.kept(name)
    const text = outOfComment(read(fromEnd, length))
    const script = new Script(text, { filename, lineOffset: lines, cachedData })
    code?.compiled(name, script, cachedData !== undefined && script.cachedDataRejected === false)
    return script.runInThisContext()
  }
}
