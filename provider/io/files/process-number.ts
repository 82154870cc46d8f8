import { readFileSync } from 'node:fs'

/**
 * Whether a number is the pid of a process on this system, whoever owns it, including one that has ended but
 * keeps its pid.
 */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** What the system says of a process, where it does. */
export interface SystemProcess {
  /** It has ended, and keeps its number until its parent has asked how. */
  isOver: boolean
  /** When it began, in the system's ticks. */
  started: string | undefined
}

/**
 * Fields 3 and 22 of /proc/PID/stat, counted after the name in brackets, which may hold blanks (proc(5)). On
 * another system that path is a folder on the current drive, which anybody may have made.
 */
export function processOf(pid: number): SystemProcess | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { isOver: fields[0] === 'Z' || fields[0] === 'X', started: fields[19] }
  } catch {
    return undefined
  }
}
