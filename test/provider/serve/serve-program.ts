import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** The program, serving in a process of its own: peers that are waited for would stop a server of this one. */
export interface ServeProgram {
  child: ChildProcess
  url: string
  /** host:port */
  host: string
  out: string
  err(): string
  ended: Promise<number | null>
}

/** @param home an empty folder for its settings */
export async function startServeProgram(home: string, args: string[]): Promise<ServeProgram> {
  mkdirSync(path.join(home, 'settings'))
  const child = spawn(
    process.execPath,
    ['dist/cli/containerimage.js', 'serve', '--listen', '127.0.0.1:0', ...args],
    { env: { ...process.env, CONTAINERIMAGE_CONFIG_DIR: path.join(home, 'settings') } },
  )
  let out = ''
  let err = ''
  child.stdout.on('data', (part) => {
    out += part
  })
  child.stderr.on('data', (part) => {
    err += part
  })
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
  for (let i = 0; i < 200 && child.exitCode === null && !/https?:\/\/[\d.:]+/.test(out); i++) await sleep(50)
  const url = /https?:\/\/[\d.:]+/.exec(out)?.[0]
  if (url === undefined) throw new Error(`serve does not listen: ${out}${err}`)
  return { child, url, host: url.replace(/^https?:\/\//, ''), out, err: () => err, ended }
}
