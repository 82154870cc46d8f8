import type * as settings from './verbs/settings.js'
import type * as sources from './verbs/sources.js'

/**
 * The library: what the command line does, as functions. Sizes are in bytes, times are ISO 8601. Every
 * function that works for long takes a `signal` that stops it and an `onProgress`; each throws
 * `ContainerImageError` with a code that docs/errors.md explains.
 *
 * Each verb is loaded when it is first called: listing what is installed must not wait for the code that
 * talks to registries.
 */
export { ContainerImageError, DEFAULT_REMEDIES, ERROR_CODES, type ErrorCode } from '../manifests/errors.js'
export type { OnProgress, ProgressEvent } from './ports.js'
export type * from './requests.js'
export type { NewMirrors } from './verbs/mirrors.js'
export type { NewSource } from './verbs/sources.js'
export type { TagResult } from './verbs/tag.js'

/** What the sources offer. @see FindRequest */
export const find: typeof import('./verbs/find.js').find = async (...args) =>
  (await import('./verbs/find.js')).find(...args)

/** Writes images into portable files. @see SaveRequest */
export const save: typeof import('./verbs/save.js').save = async (...args) =>
  (await import('./verbs/save.js')).save(...args)

/** Brings images into the store. @see InstallRequest */
export const install: typeof import('./verbs/install.js').install = async (...args) =>
  (await import('./verbs/install.js')).install(...args)

/** Brings installed images into an engine. @see LoadRequest */
export const load: typeof import('./verbs/load.js').load = async (...args) =>
  (await import('./verbs/load.js')).load(...args)

/** Removes images from the store. @see UninstallRequest */
export const uninstall: typeof import('./verbs/uninstall.js').uninstall = async (...args) =>
  (await import('./verbs/uninstall.js')).uninstall(...args)

/** What is installed, a row a tag. @see GetRequest */
export const get: typeof import('./verbs/get.js').get = async (...args) =>
  (await import('./verbs/get.js')).get(...args)

/** Gives an installed image one more name. @see TagRequest */
export const tag: typeof import('./verbs/tag.js').tag = async (...args) =>
  (await import('./verbs/tag.js')).tag(...args)

/** Takes a name away. @see UntagRequest */
export const untag: typeof import('./verbs/tag.js').untag = async (...args) =>
  (await import('./verbs/tag.js')).untag(...args)

/** The steps by which an image was built. @see HistoryRequest */
export const history: typeof import('./verbs/history.js').history = async (...args) =>
  (await import('./verbs/history.js')).history(...args)

/** Everything that is known of an image. @see InspectRequest */
export const inspect: typeof import('./verbs/inspect.js').inspect = async (...args) =>
  (await import('./verbs/inspect.js')).inspect(...args)

/** Reads every byte and lists what is wrong. @see VerifyRequest */
export const verify: typeof import('./verbs/verify.js').verify = async (...args) =>
  (await import('./verbs/verify.js')).verify(...args)

/** Removes blobs that nothing names. @see PruneRequest */
export const prune: typeof import('./verbs/prune.js').prune = async (...args) =>
  (await import('./verbs/prune.js')).prune(...args)

/** Fetches images from a registry into the store. @see PullRequest */
export const pull: typeof import('./verbs/pull.js').pull = async (...args) =>
  (await import('./verbs/pull.js')).pull(...args)

/** Brings images to a registry. @see PushRequest */
export const push: typeof import('./verbs/push.js').push = async (...args) =>
  (await import('./verbs/push.js')).push(...args)

/** Serves images as a read-only registry until the signal says stop. @see ServeRequest */
export const serve: typeof import('./verbs/serve.js').serve = async (...args) =>
  (await import('./verbs/serve.js')).serve(...args)

/** Names that hold a term. @see SearchRequest */
export const search: typeof import('./verbs/search.js').search = async (...args) =>
  (await import('./verbs/search.js')).search(...args)

/** What the store or an engine has, for the other side. @see InventoryRequest */
export const inventory: typeof import('./verbs/inventory.js').inventory = async (...args) =>
  (await import('./verbs/inventory.js')).inventory(...args)

/** Logs of receipts, each checked. @see ReceiptRequest */
export const readReceipts: typeof import('./verbs/receipts.js').readReceipts = async (...args) =>
  (await import('./verbs/receipts.js')).readReceipts(...args)

/** What was sent, and what came back of it. @see MediaStatusRequest */
export const mediaStatus: typeof import('./verbs/media-status.js').mediaStatus = async (...args) =>
  (await import('./verbs/media-status.js')).mediaStatus(...args)

/** The registered sources, in the order in which they are asked. */
export const listSources: typeof sources.listSources = async () =>
  (await import('./verbs/sources.js')).listSources()

/** Registers a source. */
export const addSource: typeof sources.addSource = async (source) =>
  (await import('./verbs/sources.js')).addSource(source)

/** Forgets a source. */
export const removeSource: typeof sources.removeSource = async (name) =>
  (await import('./verbs/sources.js')).removeSource(name)

/** The value of a setting, in words: `store`, `caFile`, `platform`, `mirrors.<registry>`. */
export const getSetting: typeof settings.getSetting = async (key) =>
  (await import('./verbs/settings.js')).getSetting(key)

/** Sets a setting, or forgets it. */
export const setSetting: typeof settings.setSetting = async (key, value) =>
  (await import('./verbs/settings.js')).setSetting(key, value)

/** Every setting that has a value. */
export const listSettings: typeof settings.listSettings = async () =>
  (await import('./verbs/settings.js')).listSettings()

/** Sets, extends or forgets the mirrors of a registry. @see NewMirrors */
export const setMirrors: typeof import('./verbs/mirrors.js').setMirrors = async (wanted) =>
  (await import('./verbs/mirrors.js')).setMirrors(wanted)

/** The mirrors of every registry that has some. */
export const listMirrors: typeof import('./verbs/mirrors.js').listMirrors = async () =>
  (await import('./verbs/mirrors.js')).listMirrors()

/** The configuration that makes an engine ask the mirrors. @see MirrorConfigRequest */
export const mirrorConfig: typeof import('./verbs/mirror-config.js').mirrorConfig = async (request) =>
  (await import('./verbs/mirror-config.js')).mirrorConfig(request)

/** The file that holds the settings. */
export const settingsPath: typeof settings.settingsPath = async () =>
  (await import('./verbs/settings.js')).settingsPath()

/** The program as one file, to be carried along. @throws TOOL_MISSING */
export const carriedTool: typeof import('./tool/carried-tool.js').carriedTool = async (...args) =>
  (await import('./tool/carried-tool.js')).carriedTool(...args)
