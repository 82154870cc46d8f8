import { compareSync } from 'bcryptjs'
import { serve } from '../io/threads/serve.js'

/** A password to compare with a bcrypt hash: a tenth of a second of work by design, and so not for the main thread. */
export interface PasswordOrder {
  password: string
  hash: string
}

serve(({ password, hash }: PasswordOrder): boolean => compareSync(password, hash))
