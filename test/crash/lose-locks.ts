import { readdirSync, writeFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Loaded before a program, it takes all locks below a folder from it, `LOSE_IN`, when it first syncs a file whose name
 * matches `LOSE_AT`: as another process does that saw nothing of it for long. Nothing is written then but names.
 */
const [folder = '', name = '.'] = [process.env.LOSE_IN, process.env.LOSE_AT]
let isLost = false

const handle = await open(fileURLToPath(import.meta.url))
const prototype = Object.getPrototypeOf(handle) as FileHandle
await handle.close()
const { sync } = prototype
prototype.sync = async function (this: FileHandle): Promise<void> {
  if (!isLost && new RegExp(name).test(await nameOf(this))) {
    isLost = true
    for (const one of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
      if (one.endsWith('.lock')) writeFileSync(path.join(folder, one), OF_THE_NEXT)
  }
  await sync.call(this)
}

const OF_THE_NEXT = JSON.stringify({ id: 'next', pid: 4711, host: 'elsewhere' })

async function nameOf(opened: FileHandle): Promise<string> {
  const { readlink } = await import('node:fs/promises')
  return await readlink(`/proc/self/fd/${opened.fd}`)
}
