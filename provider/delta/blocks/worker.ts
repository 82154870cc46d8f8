import { workerData } from 'node:worker_threads'
import { type Duty, serve } from '../../io/threads/serve.js'
import { runJoin } from './join-job.js'
import { Kernel } from './kernel/kernel.js'
import { runMatch } from './match-job.js'
import { Repacking } from './repacking.js'
import { SharedState } from './shared-state.js'
import type { Answers, RawSegment, TaskOnThread, UnpackTask } from './task.js'
import { UNPACK_MEMORY, unpackInto } from './unpack-job.js'

const { kernel: module } = workerData as { kernel: WebAssembly.Module }

serve((task: TaskOnThread, duty: Duty<RawSegment>): Answers[keyof Answers] => {
  const { onBytes } = duty
  const state = new SharedState(task.cells, duty.checkpoint)
  if (task.type === 'unpack') return runUnpack(task, state, onBytes)
  if (task.type === 'join') return runJoin(task, module, state, onBytes)
  const handOver = (segment: RawSegment): void =>
    duty.tell(segment, [segment.operations.buffer, segment.literals.buffer] as ArrayBuffer[])
  return runMatch(task, module, state, handOver, onBytes)
})

function runUnpack(
  { from, to, number, most, algorithm }: UnpackTask,
  state: SharedState,
  onBytes: (count: number) => void,
): Answers['unpack'] {
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
