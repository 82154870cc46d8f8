import { printLoad, printMachine } from './measure.js'
import { missingOf, versionOf, withPackage } from './programs.js'
import { check, record, recordedBenches } from './recorded.js'
import { measuredRows } from './rows.js'
import { BENCHES, type Bench } from './table.js'

/**
 * Measures one thing alongside its peers: `npm run bench -- NAME`, followed by the options of that bench. `--list`
 * shows which there are. Anything that is missing on this machine is named before anything is measured. `--record`
 * keeps the ratios in `scripts/bench/recorded.json`; `--check` compares them with those kept there, and without a NAME
 * runs all benches that are kept.
 */
const [name] = process.argv.slice(2)
const bench = BENCHES.find((one) => one.name === name)

if (bench) await runBench(bench)
else if (name === '--check')
  for (const one of BENCHES.filter(({ name }) => recordedBenches().includes(name))) await runBench(one)
else if (name === '--list') list()
else {
  console.error(name === undefined ? 'Which one? npm run bench -- NAME' : `There is no bench ${name}.`)
  list()
  process.exitCode = 2
}

function list(): void {
  for (const { name, about, needs, wants = [] } of BENCHES) {
    console.log(`${name.padEnd(16)} ${about}`)
    const missing = missingOf([...needs, ...wants])
    if (missing.length > 0)
      console.log(`${' '.repeat(16)} missing here: ${missing.map(withPackage).join(', ')}`)
  }
}

async function runBench({ name, needs, wants = [], lacks, load }: Bench): Promise<void> {
  const needed = [...missingOf(needs).map(withPackage), lacks?.()].filter((one) => one !== undefined)
  if (needed.length > 0) {
    console.error(`The bench ${name} needs ${needed.join(', ')}.`)
    process.exitCode = 2
    return
  }
  const leftOut = missingOf(wants)
  if (leftOut.length > 0) console.log(`left out, as missing: ${leftOut.map(withPackage).join(', ')}`)
  printMachine([...needs, ...wants].filter((one) => !leftOut.includes(one)).map(versionOf))
  const { run } = await load()
  measuredRows.clear()
  await run()
  printLoad()
  if (process.argv.includes('--record')) record(name, measuredRows)
  if (process.argv.includes('--check') && check(name, measuredRows)) process.exitCode = 1
}
