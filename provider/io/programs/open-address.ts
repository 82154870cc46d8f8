import { startProgram } from './start-program.js'

/** What shows an address to the user of each system, and what it is given before the address. */
const OPENERS: Partial<Record<NodeJS.Platform, [string, ...string[]]>> = {
  darwin: ['open'],
  // `start` belongs to a shell, which would interpret the address.
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

/**
 * Asks the system to open an address in the user's browser, and does not wait for it.
 * @returns whether there is a program for that and it could be started
 */
export async function openAddress(address: string): Promise<boolean> {
  const [program, ...before] = OPENERS[process.platform] ?? ['xdg-open']
  try {
    const child = startProgram(program, [...before, address], { stdio: 'ignore', detached: true })
    const isStarted = await new Promise<boolean>((resolve) => {
      child.once('spawn', () => resolve(true))
      child.once('error', () => resolve(false))
    })
    child.unref()
    return isStarted
  } catch {
    return false
  }
}
