import { PassThrough } from 'node:stream'

/** The variable that says that another program runs this one, and which. */
const CALLER = 'CONTAINERIMAGE_CALLER'

/** Whether the PowerShell module runs this program: then messages use its wording. */
export function isCalledFromPowerShell(environment: NodeJS.ProcessEnv): boolean {
  return environment[CALLER] === 'powershell'
}

/** The stdin that a calling program holds open for as long as it wants this one to run. */
export interface HeldStdin {
  /** Only the first line, such as a password, and then the end. */
  firstLine: PassThrough
  /** Calls back when the caller has closed it, or has ended. */
  onEnd(stop: () => void): void
}

/**
 * Splits the stdin of a calling program. Its end means stop, as cleanly as after Ctrl-C: on Windows, programs
 * that share no console cannot send each other signals.
 */
export function heldStdin(stdin: NodeJS.ReadStream): HeldStdin {
  const firstLine = new PassThrough()
  let stop = (): void => {}
  let isOver = false
  const over = (): void => {
    isOver = true
    firstLine.end()
    stop()
  }
  stdin.on('data', (chunk: Buffer) => {
    if (firstLine.writableEnded) return
    const at = chunk.indexOf('\n')
    if (at < 0) firstLine.write(chunk)
    else {
      firstLine.end(chunk.subarray(0, at))
      // From here on it can only signal the end, and waiting for that must not keep the process running.
      stdin.unref?.()
    }
  })
  stdin.once('end', over)
  stdin.once('error', over)
  return {
    firstLine,
    onEnd(called) {
      stop = called
      if (isOver) called()
    },
  }
}
