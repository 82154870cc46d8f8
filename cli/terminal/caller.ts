import { PassThrough } from 'node:stream'

/** Says that another program runs this one, and which. */
const CALLER = 'CONTAINERIMAGE_CALLER'

/** Whether the PowerShell module runs this program: messages are in its words then. */
export function isCalledFromPowerShell(environment: NodeJS.ProcessEnv): boolean {
  return environment[CALLER] === 'powershell'
}

/** The stdin that a calling program holds open for as long as it wants this one to run. */
export interface HeldStdin {
  /** The first line alone, such as a password, and then its end. */
  firstLine: PassThrough
  /** Calls back when the caller has closed it, or has ended. */
  onEnd(stop: () => void): void
}

/**
 * Divides the stdin of a calling program. Its end means stop, in the same order as Ctrl-C does: on Windows, programs
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
      // From here on it only says that it is over, which is no reason to go on running.
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
