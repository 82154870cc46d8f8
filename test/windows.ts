import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** What Windows answers to a call, or nothing where the call is to be made. */
export type Answer = (path: string, other: string, kind?: string) => string | undefined

/** Calls that can be answered as Windows would. */
export type Answered = 'rename' | 'rm' | 'rmdir' | 'open' | 'link' | 'symlink' | 'lstat'

/** What some calls are answered with. */
export type Answers = Partial<Record<Answered, Answer>>

/**
 * Lets this process take its system for Windows while a step runs, and answers calls of the file system with the codes
 * that libuv makes of Windows' errors there, in both forms of each call.
 */
export async function onWindows<T>(answers: Answers, step: () => Promise<T>): Promise<T> {
  return await onSystem('win32', answers, step)
}

/** The same for any system. */
export async function onSystem<T>(
  system: NodeJS.Platform,
  answers: Answers,
  step: () => Promise<T>,
): Promise<T> {
  const platform = Object.getOwnPropertyDescriptor(process, 'platform') as PropertyDescriptor
  Object.defineProperty(process, 'platform', { ...platform, value: system })
  const restore = answering(answers)
  try {
    return await step()
  } finally {
    restore()
    Object.defineProperty(process, 'platform', platform)
  }
}

/**
 * Answers calls of the file system in this thread, in both forms of each call.
 * @returns ends it
 */
export function answering(answers: Answers): () => void {
  const restore: (() => void)[] = []
  for (const [name, answer] of Object.entries(answers)) {
    restore.push(replaced(fs.promises as never, name, answer, async (code) => Promise.reject(code)))
    restore.push(
      replaced(fs as never, `${name}Sync`, answer, (code) => {
        throw code
      }),
    )
  }
  syncBuiltinESMExports()
  return () => {
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
    const code = answer(path, other, String(args[2]))
    if (code === undefined) return before(...args)
    const error = new Error(`${code}: operation not permitted, ${name} '${path}' -> '${other}'`)
    return fail(Object.assign(error, { code, syscall: name, path }))
  }
  return () => {
    calls[name] = before
  }
}

const ON_FOLDING_DISK = [
  'lstatSync',
  'openSync',
  'mkdirSync',
  'rmSync',
  'readlinkSync',
  'utimesSync',
  'existsSync',
]

/**
 * Lets a folder tell no capitals from small letters while a step runs, as NTFS and exFAT do: for the calls that lay
 * images out.
 * @param hasNumbers whether its files have numbers; not all have on shares
 */
export async function onFoldingDisk<T>(
  root: string,
  hasNumbers: boolean,
  step: () => Promise<T>,
): Promise<T> {
  const calls = fs as unknown as Record<string, (...args: unknown[]) => unknown>
  const readdir = fs.readdirSync
  const exists = fs.existsSync
  const restore: (() => void)[] = []
  const spelled = (place: unknown): unknown => {
    const parts = String(place).startsWith(root) ? String(place).slice(root.length).split('/') : []
    if (parts.length === 0) return place
    return parts.reduce((above, part) => {
      if (part === '' || exists(`${above}/${part}`) || !exists(above)) return `${above}/${part}`
      const same = readdir(above).find((name) => name.toUpperCase() === part.toUpperCase())
      return `${above}/${same ?? part}`
    }, root)
  }
  for (const name of [...ON_FOLDING_DISK, 'symlinkSync', 'linkSync', 'lutimesSync']) {
    const before = calls[name]
    if (!before) continue
    calls[name] = (first, second, ...more) => {
      const args = [name === 'symlinkSync' ? first : spelled(first)]
      args.push(name === 'symlinkSync' || name === 'linkSync' ? spelled(second) : second, ...more)
      const result = before(...args)
      if (name === 'lstatSync' && result && !hasNumbers && typeof (result as fs.BigIntStats).ino === 'bigint')
        Object.assign(result, { ino: 0n })
      return result
    }
    restore.push(() => {
      calls[name] = before
    })
  }
  syncBuiltinESMExports()
  try {
    return await step()
  } finally {
    for (const undo of restore) undo()
    syncBuiltinESMExports()
  }
}

/** A text as it lies in a file that was written by Windows PowerShell or Notepad. */
export function windowsForms(text: string): Record<string, Buffer> {
  const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le')
  return {
    'UTF-8 without a mark': Buffer.from(text),
    'UTF-8 with a mark': Buffer.from(`\ufeff${text}`),
    'UTF-16, as > writes it': utf16,
    'UTF-16, the high byte first': Buffer.from(utf16).swap16(),
  }
}
