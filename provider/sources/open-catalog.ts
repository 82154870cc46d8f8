import { existsSync } from 'node:fs'
import path from 'node:path'
import type { CatalogSource } from '../../catalog/entry.js'
import { parseLocation } from '../../catalog/location.js'
import { isLoopback } from '../../catalog/loopback.js'
import { Catalog } from '../../catalog/requests/catalog.js'
import { EmbeddedSource } from '../../catalog/sources/embedded.js'
import { FolderSource } from '../../catalog/sources/folder.js'
import { IndexSource } from '../../catalog/sources/json-index.js'
import { RegistrySource } from '../../catalog/sources/registry.js'
import { withoutSecrets } from '../../manifests/index.js'
import { hostPlatform } from '../choice/host-platform.js'
import type { ScratchPlace } from '../io/files/scratch.js'
import { RegistryDocuments } from '../registry/document.js'
import { RegistryTags } from '../registry/tags.js'
import type { Context } from '../session/context.js'
import { Settings } from '../session/settings/settings.js'
import type { SourceSetting } from '../session/settings/source-setting.js'
import { dataFolder } from '../session/settings/store-location.js'
import { folderLister } from './folder/lister.js'
import { tagCache } from './tag-cache.js'

export interface OpenedCatalog {
  catalog: Catalog
  /** The name to ask for, if the request named one source or a location. */
  source?: string
}

/** The store itself, as a source: what is installed, and nothing else. */
const OWN_STORE = 'store:'

/**
 * The registered sources and the built-in catalog; or, if the request gives a location that is not a
 * registered name, only that place.
 * @throws SOURCE_UNKNOWN, SOURCE_INVALID, SOURCE_INSECURE
 */
export async function openCatalog(context: Context, given?: string): Promise<OpenedCatalog> {
  const client = await context.registry()
  const lister = new RegistryTags(client)
  const adapters = { lister, documents: new RegistryDocuments(client) }
  const { insecure } = context.options
  const scratch: ScratchPlace = async () => (await context.store()).places.ingestFolder
  const settings = await Settings.read()
  const registered = settings.get('sources') ?? []
  const asked = given === OWN_STORE ? (await context.store()).places.root : given
  const named = asked === undefined ? undefined : withScheme(asked, registered)
  const options = { lister, insecure }
  if (named !== undefined && !isRegistered(named, registered)) {
    const location = existsSync(named) ? path.resolve(named) : named
    // Its name appears in every list, and in what is saved.
    const name = withoutSecrets(named)
    const setting: SourceSetting = { name, location, type: typeOf(location, insecure) }
    return { catalog: new Catalog([opened(setting, adapters, insecure, scratch)], options), source: name }
  }
  const sources = registered.map((setting) => opened(setting, adapters, insecure, scratch))
  sources.push(
    new EmbeddedSource({
      lister,
      cache: tagCache(path.join(dataFolder(), 'tags'), settings.get('mirrors')),
    }),
  )
  return { catalog: new Catalog(sources, options), source: named }
}

function isRegistered(named: string, registered: SourceSetting[]): boolean {
  if (named.toLowerCase() === 'embedded') return true
  if (registered.some((setting) => setting.name.toLowerCase() === named.toLowerCase())) return true
  // A word without a separator is the name of a source, and the catalog reports if there is none, unless a
  // folder or file has that name.
  return !/[\\/.:~]/.test(named) && !existsSync(named)
}

/** A registry as docker names it, `host:5000/part`, if no file or source is meant. */
function withScheme(named: string, registered: SourceSetting[]): string {
  if (isRegistered(named, registered) || /^[A-Za-z]:|:\/\/|^[.~\\/]/.test(named)) return named
  const [host = ''] = named.split('/')
  const isHost = /^(localhost|[a-z0-9-]+(\.[a-z0-9-]+)+)(:\d{1,5})?$|^[a-z0-9-]+:\d{1,5}$/i.test(host)
  if (!isHost || /\.json$/i.test(named) || existsSync(named)) return named
  return isLoopback(host.replace(/:\d+$/, '')) ? `http://${named}` : `https://${named}`
}

function typeOf(location: string, insecure: boolean | undefined): SourceSetting['type'] {
  return parseLocation(location, { insecure }).kind
}

function opened(
  setting: SourceSetting,
  adapters: { lister: RegistryTags; documents: RegistryDocuments },
  insecureNow: boolean | undefined,
  scratch: ScratchPlace,
): CatalogSource {
  const { name, location, tagRule } = setting
  const insecure = setting.insecure || insecureNow ? { insecure: true } : {}
  if (setting.type === 'folder')
    return new FolderSource({ name, path: path.resolve(location) }, folderLister(hostPlatform(), scratch))
  if (setting.type === 'index')
    return new IndexSource({ name, location: indexLocation(location), ...insecure }, adapters.documents)
  return new RegistrySource({ name, location, ...insecure, tagRule }, adapters.lister)
}

function indexLocation(location: string): string {
  return /^https?:\/\//i.test(location) ? location : path.resolve(location)
}
