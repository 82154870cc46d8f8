import { lstatSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ContainerImageError, digestOf, type ErrorCode } from '../../manifests/index.js'
import { type InstallRequest, install, verify } from '../../provider/index.js'
import { type MadeImage, makeLayout } from '../fixtures/layout.js'
import { scratch } from '../scratch.js'
import { END, member } from './tar-builder.js'

/**
 * A host with a store that holds an image, and a stick that an attacker has written. `refused` says that an
 * install fails as it should, and that nothing on the host and the stick is other than it was before.
 */
export interface Attack {
  /** A folder for what the attacker brings. */
  stick: string
  store: string
  /** Writes a file onto the stick; returns its path. */
  bring(name: string, ...parts: Buffer[]): string
  refused(
    target: string,
    code: ErrorCode | ErrorCode[],
    request?: Partial<InstallRequest>,
  ): Promise<ContainerImageError>
  /** The error of an install. */
  failure(target: string): Promise<ContainerImageError>
  /** An install that is allowed; returns the tags of the store's index. */
  allowed(target: string, request?: Partial<InstallRequest>): Promise<string[]>
}

export function attack(): Attack {
  const temporary = scratch()
  let host = ''
  const found: Attack = {
    stick: '',
    store: '',
    bring(name, ...parts) {
      const file = path.join(found.stick, name)
      writeFileSync(file, Buffer.concat(parts))
      return file
    },
    async refused(target, code, request = {}) {
      const before = [listing(host), listing(found.stick)]
      const error = await failure(() => install({ store: found.store, ...request, targets: [target] }))
      expect(error.code, error.message).to.be.oneOf([code].flat())
      expect(error.exitCode).to.equal(4)
      expect(error.side, error.message).to.equal('source')
      expect(error.remedy).to.match(/\.$/)
      expect(printed(error)).to.match(/^[^\p{Cc}]*$/u)
      expect(printed(error).length).to.be.below(20_000)
      expect(await passes(target), `verify passes ${target}: ${error.message}`).to.equal(false)
      expect([listing(host), listing(found.stick)]).to.deep.equal(before)
      return error
    },
    failure: (target) => failure(() => install({ store: found.store, targets: [target] })),
    async allowed(target, request = {}) {
      await install({ store: found.store, ...request, targets: [target] })
      // What is named anew may have a bad name of its own.
      if (request.name === undefined)
        expect(await passes(target), `verify does not pass ${target}`).to.equal(true)
      expect((await verify({ store: found.store })).problems).to.deep.equal([])
      return tagsOf(found.store)
    },
  }

  before(async () => {
    const layout = path.join(temporary.folder(), 'layout')
    makeLayout(layout, [{ refName: 'honest:1.0', layers: [{ files: { 'etc/honest': 'yes' } }] }])
    host = temporary.folder()
    found.store = path.join(host, 'store')
    await install({ targets: [layout], store: found.store })
  })

  beforeEach(() => {
    found.stick = temporary.folder()
  })

  after(() => temporary.remove())
  return found
}

/** What `verify` says of it: it is what decides whether somebody trusts an archive. */
async function passes(target: string): Promise<boolean> {
  return await verify({ paths: [target] }).then(
    ({ ok }) => ok,
    (error: unknown) => {
      if (error instanceof ContainerImageError) return false
      throw error
    },
  )
}

async function failure(work: () => Promise<unknown>): Promise<ContainerImageError> {
  const error = await work().then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof ContainerImageError) return error
  throw error ?? new Error('it was not refused')
}

function printed(error: ContainerImageError): string {
  return [error.message, error.expected, error.found, error.remedy].join(' ')
}

/** Everything below a folder: files with their digests and modes, folders, and where links lead. */
export function listing(folder: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = path.join(folder, name)
    const stats = lstatSync(file)
    const content = stats.isFile()
      ? digestOf(readFileSync(file))
      : stats.isSymbolicLink()
        ? readlinkSync(file)
        : 'no file'
    found[name] = `${(stats.mode & 0o7777).toString(8)} ${content}`
  }
  return found
}

export function tagsOf(store: string): string[] {
  const index = JSON.parse(readFileSync(path.join(store, 'index.json'), 'utf8')) as {
    manifests: { annotations?: Record<string, string> }[]
  }
  return index.manifests.map((entry) => entry.annotations?.['org.opencontainers.image.ref.name'] ?? '(none)')
}

/** The members of a layout with one image, as an archive has them; an attack adds to them or changes them. */
export function layoutMembers(
  folder: string,
  image: MadeImage = { refName: 'evil:1.0', layers: [{ files: { 'etc/evil': 'x'.repeat(2000) } }] },
): Map<string, Buffer> {
  makeLayout(folder, [image])
  return membersOf(folder)
}

/** Every file of a folder, by its name there. */
export function membersOf(folder: string): Map<string, Buffer> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  return new Map(
    names
      .filter((name) => lstatSync(path.join(folder, name)).isFile())
      .map((name) => [name.replaceAll(path.sep, '/'), readFileSync(path.join(folder, name))]),
  )
}

/** A tar of some members as they are. */
export function tarOfMembers(members: Map<string, Buffer>): Buffer {
  return Buffer.concat([...members].map(([name, bytes]) => member({ name, bytes })).concat(END))
}

/** A tar of some members without its end, to which an attack adds more. */
export function openTar(members: Map<string, Buffer>): Buffer {
  return tarOfMembers(members).subarray(0, -END.length)
}

/** The name of the member that holds the only layer, which is the largest. */
export function largestBlob(members: Map<string, Buffer>): string {
  const blobs = [...members].filter(([name]) => name.startsWith('blobs/'))
  return blobs.sort(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? ''
}
