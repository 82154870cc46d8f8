import { parentPort } from 'node:worker_threads'
import { compareSync } from 'bcryptjs'

/** A password to compare with a bcrypt hash: a tenth of a second of work by design, and so not for the main thread. */
export interface PasswordOrder {
  id: number
  password: string
  hash: string
}

export interface PasswordReply {
  id: number
  isRight: boolean
}

parentPort?.on('message', ({ id, password, hash }: PasswordOrder) => {
  parentPort?.postMessage({ id, isRight: compareSync(password, hash) } satisfies PasswordReply)
})
