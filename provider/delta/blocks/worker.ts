import { parentPort, workerData } from 'node:worker_threads'
import { runJoin } from './join-job.js'
import { Kernel } from './kernel/kernel.js'
import { runMatch } from './match-job.js'
import { Repacking } from './repacking.js'
import { SharedState, Stopped } from './shared-state.js'
import type { Answers, Failure, Reply, TaskData, UnpackTask } from './task.js'
import { Trouble } from './trouble.js'
import { UNPACK_MEMORY, unpackInto } from './unpack-job.js'

const port = parentPort
if (!port) throw new Error('this module runs as a worker only')
const { task, state: shared, kernel: module } = workerData as TaskData
const state = new SharedState(shared)

/** A message costs more than working on a small buffer. */
const TELL_BYTES = 8 * 1024 * 1024
let untold = 0

try {
  const answer = carryOut()
  tell()
  send({ type: 'done', answer })
} catch (error) {
  send({ type: 'failed', failure: failureOf(error) })
}

function carryOut(): Answers[keyof Answers] {
  if (task.type === 'unpack') return runUnpack(task)
  if (task.type === 'join') return runJoin(task, module, state, onBytes)
  return runMatch(task, module, state, (segment) => send({ type: 'segment', segment }), onBytes)
}

function runUnpack({ from, to, number, most, algorithm }: UnpackTask): Answers['unpack'] {
  const kernel = new Kernel(module, UNPACK_MEMORY)
  const check = algorithm && new Repacking(module, { size: from.size, algorithm })
  const size = unpackInto(kernel, from, to, most, (upTo, address, count) => {
    state.checkpoint()
    state.ready(number, upTo)
    check?.take(kernel.bytes.subarray(address, address + count))
    onBytes(count)
  })
  state.finished(number)
  return { size, ...check?.end() }
}

function onBytes(count: number): void {
  untold += count
  if (untold >= TELL_BYTES) tell()
}

function tell(): void {
  if (untold > 0) send({ type: 'bytes', count: untold })
  untold = 0
}

function send(reply: Reply): void {
  const segment = reply.type === 'segment' ? reply.segment : undefined
  const own = segment ? [segment.operations.buffer, segment.literals.buffer] : []
  port?.postMessage(reply, own as ArrayBuffer[])
}

function failureOf(error: unknown): Failure {
  if (error instanceof Stopped) return { message: error.message, stopped: true }
  if (error instanceof Trouble) return { message: error.message, trouble: error.trouble, facts: error.facts }
  const { message, code, what, side } = error as NodeJS.ErrnoException & Failure
  return { message, ...(code ? { code } : {}), ...(what ? { what } : {}), ...(side ? { side } : {}) }
}
