import { parentPort, type TransferListItem } from 'node:worker_threads'
import { type PlainFailure, plainFailure } from './plain-failure.js'

/** A task on its way to a worker. */
export interface Order {
  id: number
  work: unknown
  /** Set to 1 to stop only this task; shared, because a working thread never waits for messages. */
  stop: Int32Array
}

export type Reply = { id: number } & (
  | { bytes: number }
  | { note: unknown }
  | { answer: unknown }
  | { failure: PlainFailure }
)

/** What a task has of the pool while it is done. */
export interface Duty<Note = never> {
  isStopped(): boolean
  /** @throws Stopped where the task is to stop */
  checkpoint(): void
  /** Reports progress, though not on every call. */
  onBytes(count: number): void
  /** Says something before the answer. */
  tell(note: Note, transfer?: TransferListItem[]): void
  /** Buffers that the answer hands over; the others of it are copied. */
  readonly transfer: TransferListItem[]
}

/** Thrown if a task is to stop; it is not reported to anybody. */
export class Stopped extends Error {}

/** A message costs more than working on a small buffer. */
const TELL_BYTES = 8 * 1024 * 1024

/** Does a pool's tasks on the thread of a worker. */
export function serve<Task, Note = never>(carryOut: (task: Task, duty: Duty<Note>) => unknown): void {
  const port = parentPort
  if (!port) throw new Error('this module runs as a worker only')
  const send = (reply: Reply, transfer?: TransferListItem[]): void => port.postMessage(reply, transfer)
  port.on('message', async ({ id, work, stop }: Order) => {
    let untold = 0
    const tellBytes = (least: number): void => {
      if (untold < least) return
      send({ id, bytes: untold })
      untold = 0
    }
    const isStopped = (): boolean => Atomics.load(stop, 0) !== 0
    const duty: Duty<Note> = {
      isStopped,
      checkpoint: () => {
        if (isStopped()) throw new Stopped('stopped')
      },
      onBytes: (count) => {
        untold += count
        tellBytes(TELL_BYTES)
      },
      tell: (note, transfer) => send({ id, note }, transfer),
      transfer: [],
    }
    try {
      duty.checkpoint()
      const answer = await carryOut(work as Task, duty)
      tellBytes(1)
      send({ id, answer }, duty.transfer)
    } catch (error) {
      send({ id, failure: plainFailure(error) })
    }
  })
}
