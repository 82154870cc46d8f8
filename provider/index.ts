import type * as settings from './verbs/settings/settings.js'
import type * as sources from './verbs/sources/sources.js'

/**
 * The library: what the command line does, as functions. Sizes are in bytes, times are ISO 8601. Every
 * function that may take long accepts a `signal` that stops it and an `onProgress`; each throws
 * `ContainerImageError` with a code that docs/errors.md explains. Besides the codes listed with a function,
 * each may throw INTERRUPTED, PERMISSION_DENIED, SETTINGS_UNREADABLE and UNEXPECTED, and those that write
 * NO_SPACE and CANNOT_MAKE.
 *
 * Each verb is loaded when it is first called: listing what is installed should not have to load the code
 * that talks to registries.
 */
export type { ArtifactKind } from '../manifests/artifact-kind.js'
export type { DeltaBase } from '../manifests/delta-list.js'
export type { Digest } from '../manifests/digest.js'
export {
  ContainerImageError,
  defaultRemedy,
  ERROR_CODES,
  type ErrorCode,
  type ErrorFacts,
  type Side,
} from '../manifests/errors.js'
export type {
  Inventory,
  InventoryBlob,
  InventoryImage,
  InventoryKind,
} from '../manifests/inventory.js'
export type {
  GateVerdict,
  Receipt,
  ReceiptOutcome,
  ReceivedBlob,
  ReceivedImage,
} from '../manifests/receipt.js'
export type { Attestation } from './choice/attestations.js'
export type { CarriedArtifact } from './choice/travelling.js'
export type * from './copy/check/verify-result.js'
export type { EngineChoice } from './engine/open-engine.js'
export type { EngineKind } from './engine/port/engine.js'
export type * from './formats/wim/layer/inspected-wim.js'
export type { GateRequest } from './gate/command.js'
export type { LookRequest } from './inside/image/open-image.js'
export type { ReceivedFile, ReceiveOptions } from './io/files/received-file.js'
/** Stops what is still running when an application ends early: 7-Zip, credential helpers, gates. */
export { type RunningPrograms, runningPrograms } from './io/programs/running-programs.js'
export type { OnProgress, ProgressEvent } from './io/progress.js'
export type * from './registry/mirror-setting.js'
export type * from './registry/search-hit.js'
export type { FailedTarget, KeepGoingOptions } from './session/failures.js'
export type * from './session/options.js'
export type * from './session/settings/source-setting.js'
export type { ChangedImage, SetChange } from './sets/changes.js'
export type { MovedName } from './store/moved-names.js'
export type { CarriedTool } from './tool/carried-tool.js'
export type { JudgedSignature } from './trust/images/judgement.js'
export type { SignatureKind } from './trust/images/signatures/read-signature.js'
export type { JudgedSigner } from './trust/signed/judged-signers.js'
export type * from './verbs/commit/request.js'
export type * from './verbs/copy/request.js'
export type * from './verbs/database/request.js'
export type * from './verbs/diff/request.js'
export type * from './verbs/files/request.js'
export type * from './verbs/find/request.js'
export type * from './verbs/get/request.js'
export type * from './verbs/history/request.js'
export type * from './verbs/import/request.js'
export type * from './verbs/inspect/request.js'
export type * from './verbs/install/request.js'
export type * from './verbs/inventory/request.js'
export type * from './verbs/key/request.js'
export type * from './verbs/load/request.js'
export type * from './verbs/login/request.js'
export type * from './verbs/media-prune/request.js'
export type * from './verbs/media-remove/request.js'
export type * from './verbs/media-sign/request.js'
export type * from './verbs/media-status/request.js'
export type * from './verbs/mirror-config/request.js'
export type { NewMirrors } from './verbs/mirrors/mirrors.js'
export type * from './verbs/packages/request.js'
export type * from './verbs/prune/request.js'
export type * from './verbs/pull/request.js'
export type * from './verbs/push/request.js'
export type * from './verbs/receipts/request.js'
export type * from './verbs/removable/request.js'
export type * from './verbs/remove/request.js'
export type * from './verbs/save/request.js'
export type * from './verbs/search/request.js'
export type * from './verbs/serve/request.js'
export type * from './verbs/set/request.js'
export type { NewSource } from './verbs/sources/sources.js'
export type * from './verbs/store-check/request.js'
export type * from './verbs/tag/request.js'
export type { TagResult } from './verbs/tag/tag.js'
export type * from './verbs/tags/request.js'
export type * from './verbs/trust/request.js'
export type * from './verbs/uninstall/request.js'
export type * from './verbs/unpack/request.js'
export type * from './verbs/verify/request.js'
export type * from './verbs/vulnerabilities/request.js'

/**
 * Makes a key pair for signing, in minisign's file format.
 * @throws FILE_EXISTS, USAGE, NO_SPACE, PERMISSION_DENIED
 * @see KeyGenerateRequest
 */
export const keyGenerate: typeof import('./verbs/key/key-generate.js').keyGenerate = async (...args) =>
  (await import('./verbs/key/key-generate.js')).keyGenerate(...args)

/**
 * Trusts a key: from then on images are taken only from what trusted keys have signed.
 * @throws KEY_INVALID, KEY_EXISTS, PATH_NOT_FOUND, USAGE, SETTINGS_UNREADABLE, SETTINGS_READ_ONLY
 * @see TrustAddRequest
 */
export const trustAdd: typeof import('./verbs/trust/trust.js').trustAdd = async (...args) =>
  (await import('./verbs/trust/trust.js')).trustAdd(...args)

/**
 * The trusted keys.
 * @throws SETTINGS_UNREADABLE
 */
export const trustList: typeof import('./verbs/trust/trust.js').trustList = async () =>
  (await import('./verbs/trust/trust.js')).trustList()

/**
 * Stops trusting a key.
 * @throws KEY_UNKNOWN, SETTINGS_UNREADABLE, SETTINGS_READ_ONLY
 */
export const trustRemove: typeof import('./verbs/trust/trust.js').trustRemove = async (...args) =>
  (await import('./verbs/trust/trust.js')).trustRemove(...args)

/**
 * Signs an existing media.
 * @throws KEY_INVALID, PASSPHRASE_WRONG, FILE_CHANGED, FILE_EXTRA, FILE_MISSING, LAYOUT_INVALID, PATH_NOT_FOUND, USAGE
 * @see MediaSignRequest
 */
export const mediaSign: typeof import('./verbs/media-sign/media-sign.js').mediaSign = async (...args) =>
  (await import('./verbs/media-sign/media-sign.js')).mediaSign(...args)

/**
 * What the sources offer.
 * @throws NO_MATCH, VERSION_PARAMETERS, INVALID_PLATFORM, SOURCE_UNKNOWN, SOURCE_INSECURE,
 * NETWORK_UNREACHABLE, NETWORK_TIMEOUT, UNAUTHORIZED, RATE_LIMITED, REGISTRY_ERROR, CERTIFICATE_UNTRUSTED,
 * REDIRECT_REFUSED
 * @see FindRequest
 */
export const find: typeof import('./verbs/find/find.js').find = async (...args) =>
  (await import('./verbs/find/find.js')).find(...args)

/**
 * Writes images into portable files.
 * @throws NO_MATCH, AMBIGUOUS_NAME, WILDCARD_REFUSED, VERSION_PARAMETERS, INVALID_REFERENCE,
 * INVALID_PLATFORM, PLATFORM_NOT_FOUND, SOURCE_UNKNOWN, PATH_NOT_FOUND, ARCHIVE_UNKNOWN, ARCHIVE_INVALID,
 * INVALID_DOCUMENT, BLOB_MISSING, DIGEST_MISMATCH, SIZE_MISMATCH, UNSAFE_NAME, VOLUME_MISSING,
 * PROGRAM_MISSING, FORMAT_UNKNOWN, USAGE, FILE_EXISTS, FILE_TOO_LARGE, BASE_MISSING, TOOL_MISSING,
 * NODE_ARCHIVE_UNKNOWN, FOREIGN_URL_REFUSED, NETWORK_UNREACHABLE, NETWORK_TIMEOUT, UNAUTHORIZED,
 * RATE_LIMITED, REGISTRY_ERROR, CERTIFICATE_UNTRUSTED, REDIRECT_REFUSED
 * @see SaveRequest
 */
export const save: typeof import('./verbs/save/save.js').save = async (...args) =>
  (await import('./verbs/save/save.js')).save(...args)

/**
 * Installs images into the store.
 * @throws NO_MATCH, AMBIGUOUS_NAME, WILDCARD_REFUSED, VERSION_PARAMETERS, INVALID_REFERENCE,
 * INVALID_PLATFORM, PLATFORM_NOT_FOUND, SOURCE_UNKNOWN, PATH_NOT_FOUND, ARCHIVE_UNKNOWN, ARCHIVE_INVALID,
 * INVALID_DOCUMENT, BLOB_MISSING, DIGEST_MISMATCH, SIZE_MISMATCH, UNSAFE_NAME, VOLUME_MISSING,
 * PROGRAM_MISSING, USAGE, BASE_MISSING, DELTA_INVALID, VOLUME_DAMAGED, VOLUME_FOREIGN,
 * RECOVERY_INSUFFICIENT, RECEIPT_INVALID, STORE_LOCKED, CHANGED_MEANWHILE, FOREIGN_URL_REFUSED,
 * ENGINE_UNREACHABLE, ENGINE_REFUSED, ENGINE_MISMATCH, NETWORK_UNREACHABLE, NETWORK_TIMEOUT, UNAUTHORIZED,
 * RATE_LIMITED, REGISTRY_ERROR, CERTIFICATE_UNTRUSTED, REDIRECT_REFUSED
 * @see InstallRequest
 */
export const install: typeof import('./verbs/install/install.js').install = async (...args) =>
  (await import('./verbs/install/install.js')).install(...args)

/**
 * Loads installed images into an engine.
 * @throws NOT_INSTALLED, USAGE, BASE_MISSING, PATH_NOT_FOUND, ARCHIVE_UNKNOWN, ARCHIVE_INVALID,
 * INVALID_DOCUMENT, BLOB_MISSING, DIGEST_MISMATCH, SIZE_MISMATCH, UNSAFE_NAME, VOLUME_MISSING,
 * PROGRAM_MISSING, ENGINE_UNREACHABLE, ENGINE_REFUSED, ENGINE_MISMATCH
 * @see LoadRequest
 */
export const load: typeof import('./verbs/load/load.js').load = async (...args) =>
  (await import('./verbs/load/load.js')).load(...args)

/**
 * Removes images from the store.
 * @throws NOT_INSTALLED, AMBIGUOUS_NAME, IN_USE, USAGE, STORE_LOCKED, ENGINE_UNREACHABLE, ENGINE_REFUSED
 * @see UninstallRequest
 */
export const uninstall: typeof import('./verbs/uninstall/uninstall.js').uninstall = async (...args) =>
  (await import('./verbs/uninstall/uninstall.js')).uninstall(...args)

/**
 * What is installed, one row per tag.
 * @throws ENGINE_UNREACHABLE, LAYOUT_INVALID, INVALID_DOCUMENT
 * @see GetRequest
 */
export const get: typeof import('./verbs/get/get.js').get = async (...args) =>
  (await import('./verbs/get/get.js')).get(...args)

/**
 * Gives an installed image another name.
 * @throws NOT_INSTALLED, INVALID_REFERENCE, STORE_LOCKED
 * @see TagRequest
 */
export const tag: typeof import('./verbs/tag/tag.js').tag = async (...args) =>
  (await import('./verbs/tag/tag.js')).tag(...args)

/**
 * Gives an installed image other names, all of them in one step or none.
 * @throws NOT_INSTALLED, INVALID_REFERENCE, STORE_LOCKED
 * @see TagAllRequest
 */
export const tagAll: typeof import('./verbs/tag/tag.js').tagAll = async (...args) =>
  (await import('./verbs/tag/tag.js')).tagAll(...args)

/**
 * Removes a name from an installed image.
 * @throws NOT_INSTALLED, INVALID_REFERENCE, STORE_LOCKED
 * @see UntagRequest
 */
export const untag: typeof import('./verbs/tag/tag.js').untag = async (...args) =>
  (await import('./verbs/tag/tag.js')).untag(...args)

/**
 * Removes names from installed images, all of them in one step or none.
 * @throws NOT_INSTALLED, INVALID_REFERENCE, AMBIGUOUS_NAME, STORE_LOCKED
 * @see UntagAllRequest
 */
export const untagAll: typeof import('./verbs/tag/tag.js').untagAll = async (...args) =>
  (await import('./verbs/tag/tag.js')).untagAll(...args)

/**
 * The steps by which an image was built.
 * @throws NOT_INSTALLED, PLATFORM_NOT_FOUND, PATH_NOT_FOUND, ARCHIVE_UNKNOWN, ARCHIVE_INVALID,
 * INVALID_DOCUMENT, BLOB_MISSING, DIGEST_MISMATCH, SIZE_MISMATCH, UNSAFE_NAME, VOLUME_MISSING,
 * PROGRAM_MISSING
 * @see HistoryRequest
 */
export const history: typeof import('./verbs/history/history.js').history = async (...args) =>
  (await import('./verbs/history/history.js')).history(...args)

/**
 * The files of an image: all of its layers applied, whatever holds it.
 * @throws NOT_INSTALLED, NO_MATCH, PLATFORM_NOT_FOUND, PATH_NOT_FOUND, ARCHIVE_UNKNOWN, ARCHIVE_INVALID, LAYER_INVALID,
 * INVALID_DOCUMENT, BLOB_MISSING, DIGEST_MISMATCH, SIZE_MISMATCH, UNSAFE_NAME, FORMAT_UNFIT, USAGE
 * @see FilesRequest
 */
export const files: typeof import('./verbs/files/files.js').files = async (...args) =>
  (await import('./verbs/files/files.js')).files(...args)

/**
 * Extracts one file from an image.
 * @throws as `files`, and FILE_EXISTS
 * @see TakeFileRequest
 */
export const takeFile: typeof import('./verbs/files/files.js').takeFile = async (...args) =>
  (await import('./verbs/files/files.js')).takeFile(...args)

/**
 * Unpacks the root file system of an image into a folder, or makes a bundle for OCI runtimes. If it fails, a
 * new folder is removed.
 * @throws as `files`, and FILE_EXISTS
 * @see UnpackRequest
 */
export const unpack: typeof import('./verbs/unpack/unpack.js').unpack = async (...args) =>
  (await import('./verbs/unpack/unpack.js')).unpack(...args)

/**
 * The packages of an image: those of its distribution, and the libraries of the programs in it.
 * @throws NOT_INSTALLED, NO_MATCH, PLATFORM_NOT_FOUND, PATH_NOT_FOUND, ARCHIVE_UNKNOWN, ARCHIVE_INVALID, LAYER_INVALID,
 * INVALID_DOCUMENT, BLOB_MISSING, DIGEST_MISMATCH, SIZE_MISMATCH, UNSAFE_NAME, FORMAT_UNFIT, USAGE
 * @see PackagesRequest
 */
export const packages: typeof import('./verbs/packages/packages.js').packages = async (...args) =>
  (await import('./verbs/packages/packages.js')).packages(...args)

/**
 * Writes the packages of an image as an SBOM.
 * @throws as `packages`, and FILE_EXISTS
 * @see SbomRequest
 */
export const writeSbom: typeof import('./verbs/packages/packages.js').writeSbom = async (...args) =>
  (await import('./verbs/packages/packages.js')).writeSbom(...args)

/**
 * How two images differ: settings, layers, packages, files.
 * @throws as `files`, and INVALID_PLATFORM, INVALID_REFERENCE
 * @see DiffRequest
 */
export const diff: typeof import('./verbs/diff/diff.js').diff = async (...args) =>
  (await import('./verbs/diff/diff.js')).diff(...args)

/**
 * Makes an image from a changed root file system: what differs from its parent becomes a layer.
 * @throws USAGE, INVALID_REFERENCE, INVALID_PLATFORM, PATH_NOT_FOUND, NOT_INSTALLED, NO_MATCH, PLATFORM_NOT_FOUND,
 * ARCHIVE_UNKNOWN, ARCHIVE_INVALID, LAYER_INVALID, INVALID_DOCUMENT, BLOB_MISSING, DIGEST_MISMATCH, SIZE_MISMATCH,
 * UNSAFE_NAME, FORMAT_UNFIT, CHANGED_MEANWHILE, STORE_LOCKED
 * @see CommitRequest
 */
export const commit: typeof import('./verbs/commit/commit.js').commit = async (...args) =>
  (await import('./verbs/commit/commit.js')).commit(...args)

/**
 * Makes an image from the tar of a root file system, as its only layer.
 * @throws USAGE, INVALID_REFERENCE, INVALID_PLATFORM, PATH_NOT_FOUND, ARCHIVE_UNKNOWN, ARCHIVE_INVALID, LAYER_INVALID,
 * UNSAFE_NAME, STORE_LOCKED
 * @see ImportRequest
 */
export const importTar: typeof import('./verbs/import/import.js').importTar = async (...args) =>
  (await import('./verbs/import/import.js')).importTar(...args)

/**
 * Everything that is known about an image.
 * @throws NOT_INSTALLED, PLATFORM_NOT_FOUND, PATH_NOT_FOUND, ARCHIVE_UNKNOWN, ARCHIVE_INVALID,
 * INVALID_DOCUMENT, BLOB_MISSING, DIGEST_MISMATCH, SIZE_MISMATCH, UNSAFE_NAME, VOLUME_MISSING,
 * PROGRAM_MISSING
 * @see InspectRequest
 */
export const inspect: typeof import('./verbs/inspect/inspect.js').inspect = async (...args) =>
  (await import('./verbs/inspect/inspect.js')).inspect(...args)

/**
 * Reads every byte and lists what is wrong.
 * @throws PATH_NOT_FOUND, ARCHIVE_UNKNOWN, RECOVERY_INSUFFICIENT, PROGRAM_MISSING; what is wrong with the
 * images is in the result
 * @see VerifyRequest
 */
export const verify: typeof import('./verbs/verify/verify.js').verify = async (...args) =>
  (await import('./verbs/verify/verify.js')).verify(...args)

/**
 * Reads every blob of the store, says what is damaged or missing and where to get it, and restores it from
 * there.
 * @throws LAYOUT_INVALID, PATH_NOT_FOUND, ARCHIVE_UNKNOWN, SOURCE_UNKNOWN, STORE_LOCKED, IN_THE_WAY, LOCK_LOST; what is
 * wrong with the store is in the result
 * @see StoreCheckRequest
 */
export const storeCheck: typeof import('./verbs/store-check/store-check.js').storeCheck = async (...args) =>
  (await import('./verbs/store-check/store-check.js')).storeCheck(...args)

/**
 * Removes blobs that nothing names.
 * @throws STORE_LOCKED, LAYOUT_INVALID, INVALID_DOCUMENT
 * @see PruneRequest
 */
export const prune: typeof import('./verbs/prune/prune.js').prune = async (...args) =>
  (await import('./verbs/prune/prune.js')).prune(...args)

/**
 * Fetches images from a registry into the store.
 * @throws NO_MATCH, NOT_FOUND, INVALID_REFERENCE, INVALID_PLATFORM, PLATFORM_NOT_FOUND, DIGEST_MISMATCH,
 * SIZE_MISMATCH, STORE_LOCKED, FOREIGN_URL_REFUSED, NETWORK_UNREACHABLE, NETWORK_TIMEOUT, UNAUTHORIZED,
 * RATE_LIMITED, REGISTRY_ERROR, CERTIFICATE_UNTRUSTED, REDIRECT_REFUSED
 * @see PullRequest
 */
export const pull: typeof import('./verbs/pull/pull.js').pull = async (...args) =>
  (await import('./verbs/pull/pull.js')).pull(...args)

/**
 * Pushes images to a registry.
 * @throws NOT_INSTALLED, INVALID_REFERENCE, USAGE, PATH_NOT_FOUND, ARCHIVE_UNKNOWN, ARCHIVE_INVALID,
 * INVALID_DOCUMENT, BLOB_MISSING, DIGEST_MISMATCH, SIZE_MISMATCH, UNSAFE_NAME, VOLUME_MISSING,
 * PROGRAM_MISSING, REGISTRY_READ_ONLY, NETWORK_UNREACHABLE, NETWORK_TIMEOUT, UNAUTHORIZED, RATE_LIMITED,
 * REGISTRY_ERROR, CERTIFICATE_UNTRUSTED, REDIRECT_REFUSED
 * @see PushRequest
 */
export const push: typeof import('./verbs/push/push.js').push = async (...args) =>
  (await import('./verbs/push/push.js')).push(...args)

/**
 * Copies an image to a registry under an exact name, without writing it to this machine.
 * @throws INVALID_REFERENCE, AMBIGUOUS_NAME, NO_MATCH, NOT_FOUND, VERSION_PARAMETERS, WILDCARD_REFUSED, INVALID_PLATFORM,
 * PLATFORM_NOT_FOUND, USAGE, PATH_NOT_FOUND, ARCHIVE_UNKNOWN, ARCHIVE_INVALID, INVALID_DOCUMENT, BLOB_MISSING,
 * DIGEST_MISMATCH, SIZE_MISMATCH, UNSAFE_NAME, VOLUME_MISSING, PROGRAM_MISSING, REGISTRY_READ_ONLY,
 * NETWORK_UNREACHABLE, NETWORK_TIMEOUT, UNAUTHORIZED, RATE_LIMITED, REGISTRY_ERROR, CERTIFICATE_UNTRUSTED,
 * REDIRECT_REFUSED
 * @see CopyRequest
 */
export const copy: typeof import('./verbs/copy/copy.js').copy = async (...args) =>
  (await import('./verbs/copy/copy.js')).copy(...args)

/**
 * The tags of a repository.
 * @throws NO_MATCH, NOT_FOUND, INVALID_REFERENCE, INVALID_VERSION, VERSION_PARAMETERS, USAGE, NETWORK_UNREACHABLE,
 * NETWORK_TIMEOUT, UNAUTHORIZED, RATE_LIMITED, REGISTRY_ERROR, CERTIFICATE_UNTRUSTED, REDIRECT_REFUSED
 * @see TagsRequest
 */
export const tags: typeof import('./verbs/tags/tags.js').tags = async (...args) =>
  (await import('./verbs/tags/tags.js')).tags(...args)

/**
 * Checks credentials with a registry, and keeps them where docker does.
 * @throws UNAUTHORIZED, INVALID_REFERENCE, SETTINGS_UNREADABLE, CREDENTIALS_NOT_KEPT, PROGRAM_MISSING,
 * NETWORK_UNREACHABLE, NETWORK_TIMEOUT, RATE_LIMITED, REGISTRY_ERROR, CERTIFICATE_UNTRUSTED, REDIRECT_REFUSED
 * @see LoginRequest
 */
export const login: typeof import('./verbs/login/login.js').login = async (...args) =>
  (await import('./verbs/login/login.js')).login(...args)

/**
 * Forgets the credentials for a registry.
 * @throws INVALID_REFERENCE, SETTINGS_UNREADABLE, CREDENTIALS_NOT_KEPT, PROGRAM_MISSING
 * @see LogoutRequest
 */
export const logout: typeof import('./verbs/login/login.js').logout = async (...args) =>
  (await import('./verbs/login/login.js')).logout(...args)

/**
 * Removes images from registries.
 * @throws NOT_FOUND, INVALID_REFERENCE, DIGEST_MISMATCH, IN_USE, REGISTRY_READ_ONLY, NETWORK_UNREACHABLE,
 * NETWORK_TIMEOUT, UNAUTHORIZED, RATE_LIMITED, REGISTRY_ERROR, CERTIFICATE_UNTRUSTED, REDIRECT_REFUSED
 * @see RemoveRequest
 */
export const remove: typeof import('./verbs/remove/remove.js').remove = async (...args) =>
  (await import('./verbs/remove/remove.js')).remove(...args)

/**
 * Serves images as a read-only registry until the signal stops it.
 * @throws ADDRESS_IN_USE, USAGE, PATH_NOT_FOUND, ARCHIVE_UNKNOWN, ARCHIVE_INVALID, INVALID_DOCUMENT,
 * BLOB_MISSING, DIGEST_MISMATCH, SIZE_MISMATCH, UNSAFE_NAME, VOLUME_MISSING, PROGRAM_MISSING,
 * LAYOUT_INVALID
 * @see ServeRequest
 */
export const serve: typeof import('./verbs/serve/serve.js').serve = async (...args) =>
  (await import('./verbs/serve/serve.js')).serve(...args)

/**
 * Names that contain a term.
 * @throws SOURCE_UNKNOWN, NO_MATCH, CATALOG_CLOSED, NETWORK_UNREACHABLE, NETWORK_TIMEOUT, UNAUTHORIZED,
 * RATE_LIMITED, REGISTRY_ERROR, CERTIFICATE_UNTRUSTED, REDIRECT_REFUSED
 * @see SearchRequest
 */
export const search: typeof import('./verbs/search/search.js').search = async (...args) =>
  (await import('./verbs/search/search.js')).search(...args)

/**
 * What the store or an engine has, for the other side.
 * @throws FILE_EXISTS, ENGINE_UNREACHABLE, LAYOUT_INVALID
 * @see InventoryRequest
 */
export const inventory: typeof import('./verbs/inventory/inventory.js').inventory = async (...args) =>
  (await import('./verbs/inventory/inventory.js')).inventory(...args)

/**
 * Logs of receipts; each is checked.
 * @throws RECEIPT_INVALID, PATH_NOT_FOUND
 * @see ReceiptRequest
 */
export const readReceipts: typeof import('./verbs/receipts/receipts.js').readReceipts = async (...args) =>
  (await import('./verbs/receipts/receipts.js')).readReceipts(...args)

/**
 * What a set of images means now that its lock, an inventory, receipts or a media do not have.
 * @throws SET_INVALID, SET_UNLOCKED, NO_MATCH, AMBIGUOUS_NAME, PLATFORM_NOT_FOUND, SOURCE_UNKNOWN, PATH_NOT_FOUND,
 * RECEIPT_INVALID, ARCHIVE_UNKNOWN, ARCHIVE_INVALID, INVALID_DOCUMENT, NETWORK_UNREACHABLE, NETWORK_TIMEOUT,
 * UNAUTHORIZED, RATE_LIMITED, REGISTRY_ERROR, CERTIFICATE_UNTRUSTED, REDIRECT_REFUSED
 * @see SetOutdatedRequest
 */
export const setOutdated: typeof import('./verbs/set/outdated.js').setOutdated = async (...args) =>
  (await import('./verbs/set/outdated.js')).setOutdated(...args)

/**
 * Updates the lock of a set of images to what the set means now.
 * @throws SET_INVALID, NO_MATCH, AMBIGUOUS_NAME, PLATFORM_NOT_FOUND, SOURCE_UNKNOWN, PATH_NOT_FOUND,
 * INVALID_DOCUMENT, NETWORK_UNREACHABLE, NETWORK_TIMEOUT, UNAUTHORIZED, RATE_LIMITED, REGISTRY_ERROR,
 * CERTIFICATE_UNTRUSTED, REDIRECT_REFUSED
 * @see SetRequest
 */
export const setUpdate: typeof import('./verbs/set/update.js').setUpdate = async (...args) =>
  (await import('./verbs/set/update.js')).setUpdate(...args)
/**
 * Removes images from a media, and lists the rest again.
 * @throws PATH_NOT_FOUND, LAYOUT_INVALID, INVALID_DOCUMENT, NO_MATCH, AMBIGUOUS_NAME, USAGE, IN_THE_WAY, LOCK_LOST
 * @see MediaRemoveRequest
 */
export const mediaRemove: typeof import('./verbs/media-remove/media-remove.js').mediaRemove = async (
  ...args
) => (await import('./verbs/media-remove/media-remove.js')).mediaRemove(...args)

/**
 * Removes all but the newest versions from a media, and what nothing names.
 * @throws PATH_NOT_FOUND, LAYOUT_INVALID, INVALID_DOCUMENT, USAGE, IN_THE_WAY, LOCK_LOST
 * @see MediaPruneRequest
 */
export const mediaPrune: typeof import('./verbs/media-prune/media-prune.js').mediaPrune = async (...args) =>
  (await import('./verbs/media-prune/media-prune.js')).mediaPrune(...args)

/**
 * The vulnerabilities of an image that the database of advisories knows of.
 * @throws VULNERABLE, DATABASE_MISSING, DATABASE_INVALID, NOT_INSTALLED, NO_MATCH, PATH_NOT_FOUND, PLATFORM_NOT_FOUND,
 * FORMAT_UNFIT, INVALID_DOCUMENT, ARCHIVE_INVALID, LAYER_INVALID, DIGEST_MISMATCH, USAGE
 * @see VulnerabilitiesRequest
 */
export const vulnerabilities: typeof import('./verbs/vulnerabilities/vulnerabilities.js').vulnerabilities =
  async (...args) => (await import('./verbs/vulnerabilities/vulnerabilities.js')).vulnerabilities(...args)

/**
 * Adds advisories that publishers export to the database.
 * @throws PATH_NOT_FOUND, NOT_A_FILE, INVALID_DOCUMENT, DOCUMENT_TOO_LARGE, ARCHIVE_INVALID, UNSAFE_NAME,
 * DATABASE_INVALID, NO_SPACE, STORE_LOCKED, USAGE
 * @see DatabaseAddRequest
 */
export const databaseAdd: typeof import('./verbs/database/add.js').databaseAdd = async (...args) =>
  (await import('./verbs/database/add.js')).databaseAdd(...args)

/**
 * The sources of the database of advisories, with their dates.
 * @throws DATABASE_INVALID, USAGE
 * @see DatabaseRequest
 */
export const databaseList: typeof import('./verbs/database/list.js').databaseList = async (...args) =>
  (await import('./verbs/database/list.js')).databaseList(...args)

/**
 * Removes sources from the database of advisories.
 * @throws DATABASE_MISSING, DATABASE_INVALID, NO_SPACE, STORE_LOCKED, USAGE
 * @see DatabaseRemoveRequest
 */
export const databaseRemove: typeof import('./verbs/database/remove.js').databaseRemove = async (...args) =>
  (await import('./verbs/database/remove.js')).databaseRemove(...args)

/**
 * Fetches what publishers of advisories export, and adds it to the database.
 * @throws USAGE, SOURCE_INSECURE, SOURCE_INVALID, INVALID_DOCUMENT, DOCUMENT_TOO_LARGE, ARCHIVE_INVALID, UNSAFE_NAME,
 * DATABASE_INVALID, NO_SPACE, STORE_LOCKED, NOT_FOUND, NETWORK_UNREACHABLE, NETWORK_TIMEOUT, UNAUTHORIZED, RATE_LIMITED,
 * REGISTRY_ERROR, CERTIFICATE_UNTRUSTED, REDIRECT_REFUSED
 * @see DatabaseUpdateRequest
 */
export const databaseUpdate: typeof import('./verbs/database/update.js').databaseUpdate = async (...args) =>
  (await import('./verbs/database/update.js')).databaseUpdate(...args)

/**
 * What was sent, and which receipts came back for it.
 * @throws RECEIPT_INVALID, PATH_NOT_FOUND, ARCHIVE_UNKNOWN, ARCHIVE_INVALID, INVALID_DOCUMENT,
 * BLOB_MISSING, DIGEST_MISMATCH, SIZE_MISMATCH, UNSAFE_NAME, VOLUME_MISSING, PROGRAM_MISSING
 * @see MediaStatusRequest
 */
export const mediaStatus: typeof import('./verbs/media-status/media-status.js').mediaStatus = async (
  ...args
) => (await import('./verbs/media-status/media-status.js')).mediaStatus(...args)

/**
 * The registered sources, in the order in which they are asked.
 * @throws SETTINGS_UNREADABLE
 */
export const listSources: typeof sources.listSources = async () =>
  (await import('./verbs/sources/sources.js')).listSources()

/**
 * Registers a source.
 * @throws SOURCE_EXISTS, SOURCE_INVALID, SOURCE_INSECURE, SETTINGS_UNREADABLE, SETTINGS_READ_ONLY
 */
export const addSource: typeof sources.addSource = async (source) =>
  (await import('./verbs/sources/sources.js')).addSource(source)

/**
 * Forgets a source.
 * @throws SOURCE_UNKNOWN, SETTINGS_UNREADABLE, SETTINGS_READ_ONLY
 */
export const removeSource: typeof sources.removeSource = async (name) =>
  (await import('./verbs/sources/sources.js')).removeSource(name)

/**
 * The value of a setting, in words: `store`, `caFile`, `platform`, `mirrors.<registry>`,
 * `registries.<registry>.realm`.
 * @throws USAGE, INVALID_REFERENCE, SETTINGS_UNREADABLE
 */
export const getSetting: typeof settings.getSetting = async (key) =>
  (await import('./verbs/settings/settings.js')).getSetting(key)

/**
 * Changes a setting, or removes it.
 * @throws USAGE, INVALID_PLATFORM, INVALID_REFERENCE, SOURCE_INVALID, SOURCE_INSECURE,
 * SETTINGS_UNREADABLE, SETTINGS_READ_ONLY
 */
export const setSetting: typeof settings.setSetting = async (key, value) =>
  (await import('./verbs/settings/settings.js')).setSetting(key, value)

/**
 * Every setting that has a value.
 * @throws SETTINGS_UNREADABLE
 */
export const listSettings: typeof settings.listSettings = async () =>
  (await import('./verbs/settings/settings.js')).listSettings()

/**
 * Sets, extends or removes the mirrors of a registry.
 * @throws INVALID_REFERENCE, SOURCE_INVALID, SOURCE_INSECURE, SETTINGS_UNREADABLE, SETTINGS_READ_ONLY
 * @see NewMirrors
 */
export const setMirrors: typeof import('./verbs/mirrors/mirrors.js').setMirrors = async (wanted) =>
  (await import('./verbs/mirrors/mirrors.js')).setMirrors(wanted)

/**
 * The mirrors of every registry that has any.
 * @throws SETTINGS_UNREADABLE
 */
export const listMirrors: typeof import('./verbs/mirrors/mirrors.js').listMirrors = async () =>
  (await import('./verbs/mirrors/mirrors.js')).listMirrors()

/**
 * The configuration that makes an engine use the mirrors.
 * @throws NO_MATCH, FILE_EXISTS, PATH_NOT_FOUND, SETTINGS_UNREADABLE
 * @see MirrorConfigRequest
 */
export const mirrorConfig: typeof import('./verbs/mirror-config/mirror-config.js').mirrorConfig = async (
  request,
) => (await import('./verbs/mirror-config/mirror-config.js')).mirrorConfig(request)

/** The file that holds the settings, even if it cannot be read. @throws nothing */
export const settingsPath: typeof settings.settingsPath = async () =>
  (await import('./verbs/settings/settings.js')).settingsPath()

/** The sticks, disks and shares that are mounted where the system puts them. @throws nothing */
export const removableFolders: typeof import('./verbs/removable/removable.js').removableFolders = async () =>
  (await import('./verbs/removable/removable.js')).removableFolders()

/**
 * Keeps bytes that come as a stream in a private file, until it is removed: what is verified and installed has
 * to be read more than once.
 * @throws ARCHIVE_UNKNOWN
 */
export const receiveFile: typeof import('./io/files/received-file.js').receiveFile = async (...args) =>
  (await import('./io/files/received-file.js')).receiveFile(...args)

/**
 * Asks the system to open an address in the user's browser; returns whether that was possible.
 * @throws nothing
 */
export const openAddress: typeof import('./io/programs/open-address.js').openAddress = async (address) =>
  (await import('./io/programs/open-address.js')).openAddress(address)

/** The program as one file, to be taken along. @throws TOOL_MISSING */
export const carriedTool: typeof import('./tool/carried-tool.js').carriedTool = async (...args) =>
  (await import('./tool/carried-tool.js')).carriedTool(...args)
