import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { install, keyGenerate, type SaveRequest, save } from '../../../provider/index.js'
import { parseSecretKey, type SecretKey } from '../../../provider/trust/minisign/secret-key.js'
import { restoreEnvironment } from '../../environment.js'
import { makeLayout } from '../../fixtures/layout.js'
import { scratch } from '../../scratch.js'

/** A pair of keys, in files. */
export interface Keys {
  secret: string
  public: string
  id: string
}

/** A host with settings and data of its own, for the tests of one group. */
export function trustingHost() {
  const temporary = scratch()
  const before = { ...process.env }
  let folder = ''
  return {
    begin(): void {
      folder = temporary.folder()
      process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(folder, 'settings')
      process.env.XDG_DATA_HOME = path.join(folder, 'data')
      process.env.LOCALAPPDATA = path.join(folder, 'data')
      process.env.HOME = folder
      process.env.SOURCE_DATE_EPOCH = '1700000000'
    },
    end(): void {
      restoreEnvironment(before)
      temporary.remove()
    },
    folder: (): string => temporary.folder(),
    keys: (name: string): Promise<Keys> => madeKeys(path.join(folder, `${name}.key`)),
    /** Installs into a new store, and says by which code it was refused, if it was. */
    async taken(target: string, signedBy: Keys[], requireSignatures?: number): Promise<string> {
      const request = { targets: [target], store: path.join(temporary.folder(), 'store') }
      const keys = { signedBy: signedBy.map((key) => key.public), requireSignatures }
      return await install({ ...request, ...keys }).then(
        () => 'taken',
        (error) => error.code ?? String(error),
      )
    },
  }
}

async function madeKeys(file: string): Promise<Keys> {
  const { path: secret, publicPath, id } = await keyGenerate({ path: file, noPassphrase: true })
  return { secret, public: publicPath, id }
}

/** Saves one small image, or several, signed. */
export async function saved(
  folder: string,
  names: string[],
  request: Partial<SaveRequest> & { path: string },
  size = 100,
): Promise<string> {
  const layout = path.join(folder, 'layout')
  makeLayout(
    layout,
    names.map((refName) => ({ refName, layers: [{ files: { 'etc/name': refName, 'etc/noise': size } }] })),
  )
  await save({ names: [layout], force: true, store: path.join(folder, 'preparer'), ...request })
  return request.path
}

/** Signs a file by hand, with whatever is said. */
export function secretOf(keys: Keys): Promise<SecretKey> {
  return parseSecretKey(readFileSync(keys.secret), 'key').open('')
}

/** Changes one byte of a file, from its end. */
export function flip(file: string, fromEnd: number): void {
  const bytes = readFileSync(file)
  const at = bytes.length - fromEnd
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(file, bytes)
}
