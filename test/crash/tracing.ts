import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { runPeer } from '../peers/peers.js'

const RUN_VERB = fileURLToPath(new URL('./run-verb.js', import.meta.url))
const CALLS =
  'fsync,fdatasync,rename,renameat,renameat2,write,pwrite64,writev,pwritev,ftruncate,unlink,unlinkat'

/** One call to the system, from the line where it began to the one where it was over. */
export interface Call {
  name: string
  /** The file of the handle, or the names that were given. */
  paths: string[]
  began: number
  ended: number
}

/** Whether this system lets a process be traced. */
export function canTrace(): boolean {
  return spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0
}

/** The calls by which a verb changes files and syncs them, in a process of its own. @throws where it fails */
export function traceVerb(verb: string, request: object): Call[] {
  return trace([RUN_VERB, verb, JSON.stringify(request)], verbLog(request))
}

/** The same for a module that is given as text. */
export function traceModule(source: string, log: string): Call[] {
  return trace(['--input-type=module', '-e', source], log)
}

/** A verb whose calls fail as `inject` says (strace(1), "Tampering"); what it printed. */
export function runWithFault(
  verb: string,
  request: object,
  { inject, on }: { inject: string; on?: string },
): { status: number | null; stderr: string } {
  const only = on === undefined ? [] : ['-P', on]
  const args = [
    '-f',
    '-qq',
    '-o',
    '/dev/null',
    '-e',
    `trace=${inject.split(':')[0]}`,
    '-e',
    `inject=${inject}`,
  ]
  const command = [process.execPath, RUN_VERB, verb, JSON.stringify(request)]
  const { status, stderr } = spawnSync('strace', [...args, ...only, ...command], {
    encoding: 'utf8',
    env: plain(),
  })
  return { status, stderr }
}

function verbLog(request: object): string {
  const { store, path: place } = request as { store?: string; path?: string }
  return `${store ?? place ?? path.join(process.cwd(), 'verb')}.calls`
}

function trace(command: string[], log: string): Call[] {
  runPeer(
    'strace',
    ['-f', '-y', '-qq', '-s', '0', '-e', `trace=${CALLS}`, '-o', log, process.execPath, ...command],
    {
      env: plain(),
    },
  )
  try {
    return callsIn(readFileSync(log, 'utf8'))
  } finally {
    rmSync(log)
  }
}

/** Calls that go through a ring are not seen. */
function plain(): NodeJS.ProcessEnv {
  return { ...process.env, UV_USE_IO_URING: '0' }
}

function callsIn(log: string): Call[] {
  const calls: Call[] = []
  const open = new Map<string, Call>()
  for (const [at, line] of log.split('\n').entries()) {
    const [, pid = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    const resumed = /^<\.\.\. (\w+) resumed>/.exec(rest)
    const name = resumed?.[1] ?? /^(\w+)\(/.exec(rest)?.[1]
    if (name === undefined) continue
    const failed = / = -1 /.test(rest)
    if (resumed) {
      const call = open.get(`${pid} ${name}`)
      if (call && !failed) calls.push({ ...call, ended: at })
      continue
    }
    const call = { name, paths: pathsIn(rest), began: at, ended: at }
    if (rest.includes('<unfinished ...>')) open.set(`${pid} ${name}`, call)
    else if (!failed) calls.push(call)
  }
  return calls
}

function pathsIn(text: string): string[] {
  const [, handle] = /^\w+\(\d+<([^>]*)>/.exec(text) ?? []
  const names = [...text.matchAll(/"([^"]*)"/g)].map(([, name = '']) => name)
  return handle !== undefined && !text.startsWith('rename') && !text.startsWith('unlink') ? [handle] : names
}
