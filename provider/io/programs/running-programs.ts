import type { ChildProcess } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'

/** The programs that this process has started and that are still running, whichever part started them. */
export interface RunningPrograms {
  /** Asks each of them to stop. */
  stop(): void
}

/** Watches from now on. @throws nothing */
export function runningPrograms(): RunningPrograms {
  const programs = new Set<ChildProcess>()
  subscribe('child_process', (message) => {
    const { process: program } = message as { process: ChildProcess }
    programs.add(program)
    program.once('exit', () => programs.delete(program))
  })
  return {
    stop() {
      for (const program of programs) program.kill()
    },
  }
}
