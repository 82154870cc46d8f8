import path from 'node:path'
import { ContainerImageError, type GateVerdict, option, throwIfAborted } from '../../manifests/index.js'
import { closeAll, closing } from '../io/closing/closing.js'
import { fromFileSystem } from '../io/files/system-errors.js'
import { Hasher } from '../io/hashing/hasher.js'
import type { RegistryClient } from '../registry/client.js'
import { documentHere } from '../store/document-here.js'
import { openToOthers } from '../store/open-to-others.js'
import { openStore, type Store, storeAt } from '../store/store.js'
import { sweepDead } from '../store/sweep.js'
import { KeptDocuments } from './kept-documents.js'
import { type NamedPlaces, namedRegistry } from './named-registry.js'
import type {
  CommonOptions,
  NetworkOptions,
  PolicyOptions,
  ReferrersOptions,
  SignatureOptions,
} from './options.js'
import { realmsOf } from './settings/realm-setting.js'
import { Settings } from './settings/settings.js'
import { dataFolder, storeLocation } from './settings/store-location.js'

/** Stores that others may write to, about which this process has already warned. */
const TOLD = new Set<string>()

type RunOptions = CommonOptions & NetworkOptions & ReferrersOptions & SignatureOptions & PolicyOptions

/** What one run of a verb needs; each part is made when it is first asked for, and all are closed at the end. */
export class Context {
  private openedStore: Promise<Store> | undefined
  private openedHasher: Hasher | undefined
  private openedRegistry: Promise<RegistryClient> | undefined

  /** The files that were given with WIMs and turned out to be needed. */
  readonly usedFiles = new Set<string>()

  /** What the gate of this run said last. */
  verdict: GateVerdict | undefined

  private readonly documentFolders: string[] = []
  private readonly closers: (() => Promise<void>)[] = []

  /** @param registry the one that credentials were given for with this run */
  constructor(
    readonly options: RunOptions,
    private readonly registryOfLogin?: string,
  ) {}

  store(): Promise<Store> {
    this.openedStore ??= this.openStore()
    return this.openedStore
  }

  /** The same for a repair, as it may be damaged: none of its files need exist. */
  async storeAsItIs(): Promise<Store> {
    const store = storeAt(await storeLocation(this.options.store))
    this.openedStore = Promise.resolve(store)
    return store
  }

  get hasher(): Hasher {
    this.openedHasher ??= new Hasher()
    return this.openedHasher
  }

  /** Loaded late: most runs never reach the network, and its library is the largest of all. */
  registry(): Promise<RegistryClient> {
    this.openedRegistry ??= this.openRegistry()
    return this.openedRegistry
  }

  /**
   * A folder that may already have documents that would be requested from a registry: the media being
   * written.
   */
  lookIn(folder: string): void {
    this.documentFolders.push(folder)
  }

  note(message: string): void {
    this.options.onProgress?.({ type: 'note', message })
  }

  /** Something to be done when the verb is over, however it ends, and whatever else fails then. */
  onClose(close: () => Promise<void>): void {
    this.closers.push(close)
  }

  async close(): Promise<void> {
    const registry = await this.openedRegistry?.catch(() => undefined)
    await closeAll([...this.closers, this.openedHasher, registry])
  }

  private async openStore(): Promise<Store> {
    const store = await openStore(await storeLocation(this.options.store))
    const { root } = store.places
    // What a killed run could not remove.
    if (!this.options.whatIf) await sweepDead(store.places)
    const open = TOLD.has(root) ? undefined : await openToOthers(store.places)
    if (open !== undefined) {
      TOLD.add(root)
      this.note(
        `Others may write to ${open}, and so change what is installed. To end that: chmod -R go-w ${root}`,
      )
    }
    return store
  }

  private async openRegistry(): Promise<RegistryClient> {
    const { RegistryClient } = await import('../registry/client.js')
    const { insecure, allowForeignHosts, noForeign, requireReferrers } = this.options
    const { login, clientCertificate } = this.options
    const registry = this.registryOfLogin
    const settings = await Settings.read()
    const mirrors = settings.get('mirrors')
    const realms = realmsOf(settings)
    const store = await storeLocation(this.options.store)
    const memory = new KeptDocuments(path.join(dataFolder(), 'documents'), this.options.whatIf ?? false)
    this.onClose(() => memory.close())
    const caFile = this.options.caFile ?? settings.get('caFile')
    return new RegistryClient({
      mirrors,
      realms,
      login: login && registry !== undefined ? { ...login, registry } : undefined,
      clientCertificate:
        clientCertificate && registry !== undefined ? { ...clientCertificate, registry } : undefined,
      onNote: (message) => this.note(message),
      caFile,
      insecure,
      allowForeignHosts,
      noForeign,
      requireReferrers,
      memory,
      here: async (digest, limit) => {
        for (const folder of [...this.documentFolders, store]) {
          const bytes = await documentHere(folder, digest, limit)
          if (bytes) return bytes
        }
        return undefined
      },
    })
  }
}

/**
 * Runs a verb with a context and closes it, whatever happens.
 * @throws INTERRUPTED if it is already to stop; USAGE if it is unclear whom its credentials are for, or if
 * options exclude each other
 */
export async function inContext<T>(
  options: RunOptions & NamedPlaces,
  verb: (context: Context) => Promise<T>,
): Promise<T> {
  // Also for verbs too short to look at the signal again.
  throwIfAborted(options.signal)
  refuseContradiction(options)
  const hasOwn = options.login !== undefined || options.clientCertificate !== undefined
  const context = new Context(options, hasOwn ? await namedRegistry(options) : undefined)
  try {
    return await closing(context, () => verb(context))
  } catch (error) {
    throw fromFileSystem(error)
  }
}

function refuseContradiction({ noReferrers, requireReferrers }: ReferrersOptions): void {
  if (!noReferrers || !requireReferrers) return
  throw new ContainerImageError(
    'USAGE',
    `${option('noReferrers')} and ${option('requireReferrers')} exclude each other.`,
    { remedy: 'Give one of them.' },
  )
}
