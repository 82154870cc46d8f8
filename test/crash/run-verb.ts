import * as library from '../../provider/index.js'
import { setClock } from './clock.js'

/** Runs one verb of the library in a process of its own, so that a test can kill it: `run-verb.js save '{...}'`. */
setClock()
const [verb = '', request = '{}'] = process.argv.slice(2)
const verbs: Record<string, (request: never) => Promise<unknown>> = {
  save: library.save,
  install: library.install,
  verify: library.verify,
  uninstall: library.uninstall,
  prune: library.prune,
  tag: library.tag,
  unpack: library.unpack,
}
const result = await verbs[verb]?.(JSON.parse(request) as never)
process.stdout.write(JSON.stringify(result))
