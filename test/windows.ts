import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** What Windows answers to a call, or nothing where the call is to be made. */
export type Answer = (path: string, other: string) => string | undefined

/** Calls that can be answered as Windows would. */
export type Answered = 'rename' | 'rm' | 'rmdir' | 'open' | 'link' | 'symlink' | 'lstat'

/**
 * Lets this process take its system for Windows while a step runs, and answers calls of the file system with the codes
 * that libuv makes of Windows' errors there, in both forms of each call.
 */
export async function onWindows<T>(
  answers: Partial<Record<Answered, Answer>>,
  step: () => Promise<T>,
): Promise<T> {
  const platform = Object.getOwnPropertyDescriptor(process, 'platform') as PropertyDescriptor
  const restore: (() => void)[] = [() => Object.defineProperty(process, 'platform', platform)]
  Object.defineProperty(process, 'platform', { ...platform, value: 'win32' })
  for (const [name, answer] of Object.entries(answers)) {
    restore.push(replaced(fs.promises as never, name, answer, async (code) => Promise.reject(code)))
    restore.push(
      replaced(fs as never, `${name}Sync`, answer, (code) => {
        throw code
      }),
    )
  }
  syncBuiltinESMExports()
  try {
    return await step()
  } finally {
    for (const undo of restore.reverse()) undo()
    syncBuiltinESMExports()
  }
}

function replaced(
  calls: Record<string, (...args: unknown[]) => unknown>,
  name: string,
  answer: Answer,
  fail: (error: Error) => unknown,
): () => void {
  const before = calls[name]
  if (!before) return () => {}
  calls[name] = (...args) => {
    const [path, other] = [String(args[0]), String(args[1])]
    const code = answer(path, other)
    if (code === undefined) return before(...args)
    const error = new Error(`${code}: operation not permitted, ${name} '${path}' -> '${other}'`)
    return fail(Object.assign(error, { code, syscall: name, path }))
  }
  return () => {
    calls[name] = before
  }
}
