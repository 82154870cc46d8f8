import * as library from '../../provider/index.js'

/** Runs one verb of the library in a process of its own, so that a test can kill it: `run-verb.js save '{...}'`. */
const [verb = '', request = '{}'] = process.argv.slice(2)
const run = library[verb as 'save' | 'install'] as (request: unknown) => Promise<unknown>
const result = await run(JSON.parse(request))
process.stdout.write(JSON.stringify(result))
