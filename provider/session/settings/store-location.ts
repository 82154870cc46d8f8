import os from 'node:os'
import path from 'node:path'
import { ContainerImageError } from '../../../manifests/index.js'
import { Settings } from './settings.js'

/**
 * Where the store is: the option, CONTAINERIMAGE_STORE, the settings, else the user's data folder. An empty
 * variable is one that is not set; an empty option is a mistake, typically in a script whose own variable is
 * empty.
 * @throws USAGE
 */
export async function storeLocation(option: string | undefined): Promise<string> {
  if (option === '')
    throw new ContainerImageError('USAGE', 'The folder of the store is empty.', {
      expected: 'a folder, or nothing at all for the usual one',
      found: 'an empty text',
    })
  const chosen = option ?? (process.env.CONTAINERIMAGE_STORE || (await Settings.read()).get('store'))
  return path.resolve(chosen || path.join(dataFolder(), 'store'))
}

/** The system's place for a program's data. XDG Base Directory Specification 0.8; Apple's and Microsoft's guides. */
export function dataFolder(platform = process.platform, env = process.env): string {
  const home = os.homedir()
  if (platform === 'win32')
    return path.join(env.LOCALAPPDATA || path.join(home, 'AppData', 'Local'), 'containerimage')
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'containerimage')
  return path.join(env.XDG_DATA_HOME || path.join(home, '.local', 'share'), 'containerimage')
}
