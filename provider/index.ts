/**
 * The library: what the command line does, as functions. Sizes are in bytes, times are ISO 8601. Every
 * function takes a `signal` that stops it and, where it takes long, an `onProgress`; each throws
 * `ContainerImageError` with a code that docs/errors.md explains.
 */
export { ContainerImageError, ERROR_CODES, type ErrorCode } from '../manifests/errors.js'
export type { OnProgress, ProgressEvent } from './ports.js'
export type * from './requests.js'
export { find } from './verbs/find.js'
export { get } from './verbs/get.js'
export { history } from './verbs/history.js'
export { inspect } from './verbs/inspect.js'
export { install } from './verbs/install.js'
export { prune } from './verbs/prune.js'
export { pull } from './verbs/pull.js'
export { save } from './verbs/save.js'
export { search } from './verbs/search.js'
export { getSetting, listSettings, setSetting, settingsPath } from './verbs/settings.js'
export { addSource, listSources, type NewSource, removeSource } from './verbs/sources.js'
export { type TagResult, tag, untag } from './verbs/tag.js'
export { uninstall } from './verbs/uninstall.js'
export { verify } from './verbs/verify.js'
