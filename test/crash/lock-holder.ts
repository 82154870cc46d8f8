import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { tag } from '../../provider/index.js'
import { publishFile, replaceFile } from '../../provider/io/files/durable.js'
import { takeLock } from '../../provider/io/files/lock.js'
import { changeEntries } from '../../provider/store/index-file.js'
import { Places } from '../../provider/store/places.js'
import { setClock } from './clock.js'

/** A process that holds locks, so that a test can stop, kill or move it: `lock-holder.js hold FILE TARGET`. */
const [mode = '', place = '', target = '', count = '0'] = process.argv.slice(2)
setClock()

const modes: Record<string, () => Promise<void>> = { hold, change, count: countUp, tag: giveTags }
await modes[mode]?.()
process.exit(0)

/** Holds it until a line comes; then gives the target its content, and says how that went. */
async function hold(): Promise<void> {
  const lock = await takeLock(place)
  const begun = `${target}.begun`
  await writeFile(begun, 'of the holder')
  await told('held')
  await once(process.stdin, 'data')
  await told(await codeOf(publishFile(begun, target, { lock })))
  await told(await codeOf(replaceFile(target, Buffer.from('of the holder'), { lock })))
  await lock.release()
}

/** Takes all entries out of the index of a store, but waits for a line under its lock. */
async function change(): Promise<void> {
  const changing = changeEntries(new Places(place), async () => {
    await told('held')
    await once(process.stdin, 'data')
    return []
  })
  await told(await codeOf(changing))
}

/** Reads a number and writes the next one, each time under the lock. */
async function countUp(): Promise<void> {
  for (let i = 0; i < Number(count); i++) {
    const lock = await takeLock(place, { patience: 600_000 })
    const before = Number(await readFile(target, 'utf8').catch(() => '0'))
    await replaceFile(target, Buffer.from(String(before + 1)), { lock })
    await lock.release()
  }
}

/** Gives an image of a store so many names. */
async function giveTags(): Promise<void> {
  for (let i = 0; i < Number(count); i++)
    await tag({ store: place, from: 'base:1.0', to: `base:${target}-${i}` })
}

async function codeOf(step: Promise<unknown>): Promise<string> {
  return await step.then(
    () => 'done',
    (error) => error.code,
  )
}

async function told(text: string): Promise<void> {
  await new Promise((resolve) => process.stdout.write(`${text}\n`, resolve))
}
