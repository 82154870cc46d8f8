import { parseArgs } from 'node:util'
import { fuzz } from './fuzz/engine.js'
import { TARGETS } from './fuzz/targets.js'

/**
 * Gives parsers input that nobody has written: `npm run fuzz [PARSER...] --seconds N --seed S`; all parsers if none is
 * named.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
  },
})

const chosen = TARGETS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
if (chosen.length === 0) {
  console.error(`No parser of that name; there are: ${TARGETS.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
console.log(
  '| parser | inputs | taken | refused | kept | blocks | seconds | slowest | memory grew by | findings |',
)
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |')
for (const target of chosen) {
  const report = await fuzz(target, { seconds: Number(values.seconds), seed: Number(values.seed) })
  const { inputs, taken, refused, kept, blocks, seconds, slowestMilliseconds, growthBytes, findings } = report
  const counts = [inputs, taken, refused, kept, blocks, seconds].map((count) => count.toLocaleString('en'))
  const memory = `${Math.round(growthBytes / 1024 / 1024)} MB`
  const found = findings.length === 0 ? 'none' : findings.length
  console.log(`| ${[target.name, ...counts, `${slowestMilliseconds} ms`, memory, found].join(' | ')} |`)
  for (const { what, file } of findings) console.error(`\n${target.name}: ${what}\n  ${file}`)
  if (findings.length > 0) process.exitCode = 1
}
// A parser's threads may still be waiting for more.
process.exit()
