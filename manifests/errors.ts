import { factsInMessage, inMessage } from './messages.js'
import { command, type OptionName, option, taken, withTaken, wording } from './wording.js'

/** What every error code means, and which exit code of the command line it leads to. */
export const ERROR_CODES = {
  UNEXPECTED: {
    exit: 1,
    meaning: 'A bug in the program, or a system error without a code of its own.',
  },
  PERMISSION_DENIED: { exit: 1, meaning: 'The system does not allow reading or writing a file or folder.' },
  SETTINGS_UNREADABLE: { exit: 1, meaning: 'The settings file is not valid JSON or cannot be read.' },
  SETTINGS_READ_ONLY: { exit: 1, meaning: 'The settings file or its folder cannot be written.' },
  CREDENTIALS_NOT_KEPT: {
    exit: 1,
    meaning: 'A credential helper failed to store or remove credentials.',
  },
  CANNOT_MAKE: {
    exit: 1,
    meaning: 'A file or folder could not be created or read; the message says why.',
  },
  PROGRAM_MISSING: {
    exit: 1,
    meaning: 'A required program is not installed, or does not exist for this platform.',
  },
  ENGINE_REFUSED: { exit: 1, meaning: 'An engine answered with an error.' },

  USAGE: { exit: 2, meaning: 'The program does not understand the command line.' },
  INVALID_REFERENCE: { exit: 2, meaning: 'Something that should name an image is not a valid reference.' },
  INVALID_VERSION: { exit: 2, meaning: 'Something that should be a version is not one.' },
  INVALID_PLATFORM: { exit: 2, meaning: 'Something that should be a platform is not one.' },
  VERSION_PARAMETERS: { exit: 2, meaning: 'Version parameters that exclude each other were used together.' },
  WILDCARD_REFUSED: { exit: 2, meaning: 'A wildcard was given where one exact name is needed.' },
  SOURCE_UNKNOWN: { exit: 2, meaning: 'No source of that name is registered.' },
  SOURCE_EXISTS: { exit: 2, meaning: 'A source of that name is already registered.' },
  SOURCE_INSECURE: {
    exit: 2,
    meaning: 'A source on another machine would be reached over plain http.',
  },
  SOURCE_INVALID: { exit: 2, meaning: 'A location is not a registry, an index or a folder.' },
  FORMAT_UNKNOWN: { exit: 2, meaning: 'A format of that name does not exist.' },
  FORMAT_UNFIT: { exit: 2, meaning: 'A format cannot hold the image that is to be saved in it.' },
  TOOL_MISSING: { exit: 1, meaning: 'The one-file program that is to be taken along is not there.' },
  NODE_ARCHIVE_UNKNOWN: { exit: 2, meaning: 'A file is not a Node archive that can be taken along.' },
  SET_INVALID: { exit: 2, meaning: 'A set, or the lock of one, breaks its format.' },
  RECIPIENT_INVALID: { exit: 2, meaning: 'Something that should be an age recipient is not one.' },
  IDENTITY_INVALID: {
    exit: 2,
    meaning: 'A file that should contain age identities contains something else.',
  },
  KEY_UNKNOWN: { exit: 2, meaning: 'No key of that name is trusted.' },
  POLICY_INVALID: {
    exit: 2,
    meaning: 'A policy for images breaks its format, or a file that it names is not of the right kind.',
  },
  PATH_NOT_FOUND: { exit: 2, meaning: 'A file or folder that was named does not exist.' },

  NO_MATCH: { exit: 3, meaning: 'No image matches the name, version and platform that were asked for.' },
  NOT_INSTALLED: { exit: 3, meaning: 'The store has no image of that name and version.' },
  PLATFORM_NOT_FOUND: { exit: 3, meaning: 'The image exists, but not for this platform.' },
  DATABASE_MISSING: {
    exit: 3,
    meaning: 'There is no database of advisories, or it has nothing under that name.',
  },
  NOT_FOUND: { exit: 3, meaning: 'The registry or source has no such manifest or blob.' },

  DIGEST_MISMATCH: { exit: 4, meaning: 'The bytes do not have the digest that they should have.' },
  SIZE_MISMATCH: { exit: 4, meaning: 'There are more or fewer bytes than the descriptor says.' },
  INVALID_DIGEST: {
    exit: 4,
    meaning: 'Something that should be a digest is not one, or uses an unknown algorithm.',
  },
  INVALID_DOCUMENT: { exit: 4, meaning: 'A manifest, index, config or other document breaks its format.' },
  DOCUMENT_TOO_LARGE: {
    exit: 4,
    meaning: 'A document, or a list from a registry, is larger than the limit for its kind.',
  },
  NESTING_TOO_DEEP: { exit: 4, meaning: 'Indexes within indexes are nested beyond the limit.' },
  BASE_MISSING: { exit: 4, meaning: 'A delta leaves out blobs that the other side does not have.' },
  RECEIPT_INVALID: {
    exit: 4,
    meaning: 'A log of receipts was changed or cut short, or belongs to another store.',
  },
  NOT_A_FILE: {
    exit: 4,
    meaning: 'A folder, a named pipe, a socket or a device was found in place of a regular file.',
  },
  BLOB_MISSING: { exit: 4, meaning: 'A blob that a manifest names is not there.' },
  ARCHIVE_INVALID: { exit: 4, meaning: 'An archive is cut short, damaged, or breaks its format.' },
  LAYER_INVALID: { exit: 4, meaning: 'A layer is not a tar that engines can apply.' },
  ARCHIVE_UNKNOWN: { exit: 4, meaning: 'A file or folder holds nothing that can be installed.' },
  UNSAFE_NAME: { exit: 4, meaning: 'An archive has a name or a link that could lead outside it.' },
  LAYOUT_INVALID: { exit: 4, meaning: 'A folder that should be an OCI image layout is not one.' },
  SIGNATURE_MISSING: {
    exit: 4,
    meaning: 'Something that has to be signed is not signed.',
  },
  SIGNATURE_INVALID: {
    exit: 4,
    meaning: 'A signature is malformed, or does not match these bytes and the key that it names.',
  },
  SIGNATURE_UNTRUSTED: {
    exit: 4,
    meaning: 'Something is signed, but not by keys that are trusted for it.',
  },
  SIGNATURE_OLDER: {
    exit: 4,
    meaning: 'The signer has signed something newer under that name, which this host has already seen.',
  },
  KEY_INVALID: { exit: 4, meaning: 'A file or text is not a key, or not a minisign key.' },
  PASSPHRASE_WRONG: { exit: 4, meaning: 'A passphrase does not open the key that it was given for.' },
  VERIFICATION_FAILED: { exit: 4, meaning: 'A check of a store or an archive found the problems it lists.' },
  IMAGE_UNSIGNED: { exit: 4, meaning: 'An image has no signature, and a policy demands one.' },
  IMAGE_SIGNER_UNTRUSTED: {
    exit: 4,
    meaning: 'An image is signed, but not by a key, identity or certificate that a policy trusts.',
  },
  IMAGE_SIGNATURE_INVALID: {
    exit: 4,
    meaning: 'A signature of an image was altered, lacks its record, or breaks its format.',
  },
  IMAGE_SIGNATURE_FOREIGN: {
    exit: 4,
    meaning: 'A signature that comes with an image is for another image, or for another name.',
  },
  IMAGE_CERTIFICATE_EXPIRED: {
    exit: 4,
    meaning: "The certificate of an image's signature was not valid at the relevant time.",
  },
  ATTESTATION_MISSING: {
    exit: 4,
    meaning: 'An image has no attestation of a type that a policy demands.',
  },
  IMAGE_REJECTED: { exit: 4, meaning: 'A policy accepts no image of this name.' },
  POLICY_UNSUPPORTED: {
    exit: 4,
    meaning: 'A policy demands a kind of image signature that this program cannot check.',
  },
  VULNERABLE: {
    exit: 4,
    meaning: 'An image has vulnerabilities of a severity that the run was told to fail on.',
  },
  DATABASE_INVALID: { exit: 4, meaning: 'A file is not a database of advisories, or is damaged.' },
  ENCRYPTED: { exit: 4, meaning: 'A file is encrypted, and none of the identities given opens it.' },
  DECRYPTION_FAILED: { exit: 4, meaning: 'An encrypted file was changed or cut short.' },
  GATE_REFUSED: {
    exit: 4,
    meaning: 'The gate program has refused something, or could not check it.',
  },
  FILE_MISSING: { exit: 4, meaning: 'A file in the list of a media is not there.' },
  FILE_CHANGED: { exit: 4, meaning: 'A file of a media is not the one in its list.' },
  FILE_EXTRA: { exit: 4, meaning: 'A file on a media is not in its list.' },
  VOLUME_MISSING: { exit: 4, meaning: 'A volume of a set is not there.' },
  VOLUME_DAMAGED: {
    exit: 4,
    meaning: 'A volume of a set is cut short, or its bytes do not match its checksum.',
  },
  VOLUME_FOREIGN: { exit: 4, meaning: 'A volume belongs to another set.' },
  RECOVERY_INSUFFICIENT: {
    exit: 4,
    meaning: 'More slices are lost than there are recovery slices.',
  },
  ENGINE_MISMATCH: { exit: 4, meaning: 'What an engine has after a load is not the image that was sent.' },
  DELTA_INVALID: { exit: 4, meaning: 'A delta of a layer breaks its format, or belongs to another layer.' },
  FOREIGN_URL_REFUSED: { exit: 4, meaning: 'A foreign layer names a URL that is not allowed.' },

  IN_USE: { exit: 5, meaning: 'Other installed images are built on this one, or containers use it.' },
  KEY_EXISTS: { exit: 5, meaning: 'A key of that name, or that key itself, is already trusted.' },
  FILE_EXISTS: { exit: 5, meaning: 'A file that would be written already exists.' },
  IN_THE_WAY: {
    exit: 5,
    meaning:
      'A link, or something that this program did not make, is in the place of one of its files or folders.',
  },
  AMBIGUOUS_NAME: { exit: 5, meaning: 'A name matches several images or sources.' },
  ADDRESS_IN_USE: { exit: 5, meaning: 'Another program is already listening on the address.' },
  SET_UNLOCKED: {
    exit: 5,
    meaning: 'The lock of a set is missing, or the set was changed after it was locked.',
  },
  STORE_LOCKED: { exit: 5, meaning: 'Another process holds the lock and does not release it.' },
  LOCK_LOST: {
    exit: 5,
    meaning:
      'Another process took over the lock, because this one gave no sign of life for too long. Nothing was changed after that.',
  },
  CHANGED_MEANWHILE: { exit: 5, meaning: 'Another process changed the same thing at the same time.' },

  NO_SPACE: { exit: 6, meaning: 'The disk is full, or would be.' },
  FILE_TOO_LARGE: {
    exit: 6,
    meaning: 'A file to be written is larger than the file system allows.',
  },

  NETWORK_UNREACHABLE: {
    exit: 7,
    meaning: 'The host cannot be reached, or the connection broke and did not recover.',
  },
  NETWORK_TIMEOUT: {
    exit: 7,
    meaning: 'No data came for too long, or so little that the transfer would never have finished.',
  },
  UNAUTHORIZED: { exit: 7, meaning: 'The registry requires credentials, or refuses those it was given.' },
  RATE_LIMITED: { exit: 7, meaning: 'The registry asks to try again later.' },
  REGISTRY_ERROR: {
    exit: 7,
    meaning: 'The registry answered with an error, or in a way that the protocol forbids.',
  },
  REGISTRY_READ_ONLY: { exit: 7, meaning: 'The registry accepts no pushes.' },
  CATALOG_CLOSED: { exit: 7, meaning: 'A registry does not list its repositories, or not for this user.' },
  MIRROR_ONLY: {
    exit: 7,
    meaning: 'The settings allow only the mirrors of a registry, and none of them can be asked.',
  },
  REDIRECT_REFUSED: { exit: 7, meaning: 'A redirect leads to a place where it must not be followed.' },
  CERTIFICATE_UNTRUSTED: {
    exit: 7,
    meaning: "The server's certificate is not signed by a known authority.",
  },
  ENGINE_UNREACHABLE: {
    exit: 7,
    meaning: 'An engine does not exist, is not running, or stopped in the middle.',
  },

  INTERRUPTED: { exit: 130, meaning: 'The run was stopped by the user or by a signal.' },
} as const satisfies Record<string, { exit: number; meaning: string }>

/** The code of an error; docs/errors.md explains each. */
export type ErrorCode = keyof typeof ERROR_CODES

/** Which end of a copy an error belongs to. */
export type Side = 'source' | 'destination'

export interface ErrorFacts {
  /** Which end of the copy it belongs to. */
  side?: Side | undefined
  /** What should have been there. */
  expected?: string | number | undefined
  /** What was there. */
  found?: string | number | undefined
  /** What the reader can do about it: one sentence, in the imperative. */
  remedy?: string | undefined
  /** Facts for programs. */
  details?: Record<string, unknown> | undefined
  /** The error that led to it. */
  cause?: unknown | undefined
}

/**
 * The only error class of the project: a code, both sides of the comparison, and what to do. Anything in it
 * may be shown: secrets in locations are masked here, and endless texts are cut.
 */
export class ContainerImageError extends Error {
  /** One of `ERROR_CODES`. */
  readonly code: ErrorCode
  /** Which end of the copy it belongs to. */
  readonly side?: Side
  /** What should have been there. */
  readonly expected?: string | number
  /** What was there. */
  readonly found?: string | number
  /** What to do: one sentence. */
  readonly remedy: string
  /** Facts for programs. */
  readonly details?: Record<string, unknown>
  /** What failed after it, when everything that was open was being closed. */
  besides?: unknown[]
  /** What the verb had done before it: a result of that verb. */
  done?: unknown

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(inMessage(message), facts.cause === undefined ? undefined : { cause: facts.cause })
    this.name = 'ContainerImageError'
    this.code = code
    if (facts.side !== undefined) this.side = facts.side
    if (facts.expected !== undefined) this.expected = fact(facts.expected)
    if (facts.found !== undefined) this.found = fact(facts.found)
    if (facts.details !== undefined) this.details = factsInMessage(facts.details)
    this.remedy = inMessage(facts.remedy ?? defaultRemedy(code))
  }

  /** The exit code of the command line. */
  get exitCode(): number {
    return ERROR_CODES[this.code].exit
  }
}

function fact(value: string | number): string | number {
  return typeof value === 'string' ? inMessage(value) : value
}

/**
 * What to do if the code that throws gives no better advice. A function if it names options or verbs, as the
 * library and the command line spell them differently.
 */
const REMEDIES: Record<ErrorCode, string | (() => string)> = {
  UNEXPECTED: 'Report it, with its stack and its causes.',
  PERMISSION_DENIED: () =>
    `Run as a user who may read and write it${orElse('choose another folder', 'store', 'path')}.`,
  SETTINGS_UNREADABLE: 'Repair the file, or remove it.',
  SETTINGS_READ_ONLY: 'Give options on the command line instead, or make the folder writable.',
  CREDENTIALS_NOT_KEPT: 'Run the helper by hand and see what it says.',
  CANNOT_MAKE: () => `Choose another place${withTaken('path', 'output', 'store')}.`,
  PROGRAM_MISSING: 'Unpack the archive with 7-Zip and give the folder, or have it saved in another format.',
  ENGINE_REFUSED: 'See what the engine says about it, also in its log.',
  USAGE: 'See what the verb takes.',
  INVALID_REFERENCE: 'Write it as host[:port]/path/repo:tag or .../repo@sha256:<64 hex digits>.',
  INVALID_VERSION: 'Write two to four numbers with dots, such as 10.0.14300.1010, or the exact tag.',
  INVALID_PLATFORM:
    'Write os/architecture[/variant][:os.version], such as linux/arm64 or windows/amd64:10.0.20348.',
  VERSION_PARAMETERS: 'Use one way to choose a version at a time.',
  WILDCARD_REFUSED: () => `Use ${command('find')} with the wildcard, then give one exact name.`,
  KEY_UNKNOWN: () => `See ${command('trust', 'list')}.`,
  SOURCE_UNKNOWN: () => `See ${command('source', 'list')}.`,
  SOURCE_EXISTS: () => `Remove it first with ${command('source', 'remove')}, or choose another name.`,
  SOURCE_INSECURE: () =>
    taken('insecure') === undefined
      ? 'Use https.'
      : `Use https, or add ${option('insecure')} if you accept that anyone on the way can read and change it.`,
  SOURCE_INVALID: 'Give https://host[:port][/prefix], the path or URL of a JSON index, or a folder.',
  FORMAT_UNKNOWN: () => `See the formats of ${command('save')}.`,
  FORMAT_UNFIT: () =>
    `Save it as an OCI archive, which is what ${command('save')} makes without ${option('format')}; ${command('load')} loads it into any engine.`,
  TOOL_MISSING: () =>
    `Install the package again, or build it with \`npm run build\`; or use ${command('save')} without ${option('withTool')}.`,
  NODE_ARCHIVE_UNKNOWN:
    'Give an archive as nodejs.org offers it, such as node-v20.19.5-linux-x64.tar.xz, of version 20.17 or newer.',
  SET_INVALID: 'Correct what is listed; nothing was done.',
  RECIPIENT_INVALID: () =>
    `Give ${command('save')} the line that age-keygen prints as public key with ${option('encryptTo')}, or a file of such lines with ${option('recipients')}.`,
  IDENTITY_INVALID: 'Give a file as age-keygen writes it.',
  POLICY_INVALID: 'Correct what is listed; nothing was done.',
  PATH_NOT_FOUND: 'Check the path.',
  NO_MATCH: () => `Look at what there is with ${command('find')}.`,
  NOT_INSTALLED: () => `Look at what is installed with ${command('get')}.`,
  PLATFORM_NOT_FOUND: () =>
    `Choose one of the platforms listed${withTaken('platform')}${orElse('take all', 'allPlatforms')}.`,
  NOT_FOUND: () => `Check the name and version with ${command('find')}.`,
  DIGEST_MISMATCH: 'Fetch or copy it again: these bytes are not the ones that were published.',
  SIZE_MISMATCH: 'Fetch or copy it again: these bytes are not the ones that were published.',
  INVALID_DIGEST: 'Ask whoever made it for a correct one; it was not used.',
  INVALID_DOCUMENT: 'Ask whoever made it for a correct one; nothing of it was used.',
  DOCUMENT_TOO_LARGE: 'Do not trust it; no image needs a document of this size.',
  NESTING_TOO_DEEP: 'Do not trust it; no image needs this depth.',
  BASE_MISSING: () =>
    `Bring what is missing with a ${command('save')} that has no ${option('base')}, or one against a new inventory.`,
  RECEIPT_INVALID: 'Do not count on it; ask for the receipts again, from the host itself.',
  NOT_A_FILE: 'Put a file in its place; what comes out of a pipe or a device has to be written to one first.',
  BLOB_MISSING: 'Install the image again from a complete archive or source.',
  ARCHIVE_INVALID: 'Copy the file again from where it came from and compare its SHA-256.',
  LAYER_INVALID:
    'Ask whoever made the image for a correct one: its bytes are the ones that were published, and engines refuse them.',
  ARCHIVE_UNKNOWN:
    'Give a WIM, an OCI archive or layout, a docker archive, or the tarball of a root filesystem.',
  UNSAFE_NAME: 'Do not trust this archive; nothing of it was used.',
  LAYOUT_INVALID: 'Choose another folder, or restore this one.',
  SIGNATURE_MISSING: () =>
    `Ask whoever made it to sign it; ${command('trust', 'list')} shows which keys are trusted.`,
  SIGNATURE_INVALID: 'Do not use it; ask whoever made it for an unchanged copy with a new signature.',
  SIGNATURE_UNTRUSTED: () =>
    `Ask who signed it. If you know the key from them and not from the media, use ${command('trust', 'add', 'KEY')}.`,
  SIGNATURE_OLDER: 'Ask for the newer one; if you do want the old one, its signer has to sign it again.',
  KEY_INVALID: () => `Give a key that ${command('key', 'generate')} or minisign made.`,
  PASSPHRASE_WRONG: 'Try again with the right passphrase.',
  VERIFICATION_FAILED: 'Install or copy again what is listed.',
  IMAGE_UNSIGNED:
    'Ask whoever publishes the image for its signature, and save with it; or change the policy.',
  IMAGE_SIGNER_UNTRUSTED:
    'Ask whoever publishes the image who signs it; if that is right, add the key, identity or certificate to the policy.',
  IMAGE_SIGNATURE_INVALID:
    'Do not trust the image; fetch it and its signatures again from where they are published.',
  IMAGE_SIGNATURE_FOREIGN:
    'Do not trust the image; if it is a copy under another name, say in the policy under which name it was signed.',
  IMAGE_CERTIFICATE_EXPIRED:
    'Check the clock of this machine; if it is right, ask whoever publishes the image to sign it again.',
  ATTESTATION_MISSING:
    'Ask whoever publishes the image for the attestation, or remove its type from the policy.',
  IMAGE_REJECTED: () => `Add a rule for it to the policy${orElse('name another one', 'policy')}.`,
  POLICY_UNSUPPORTED:
    'Check these images with podman or skopeo, or have the policy demand sigstoreSigned with a key, or with fulcio.',
  VULNERABLE:
    'Use a newer build of the image, or list those that do no harm in a file of vulnerabilities to ignore.',
  DATABASE_INVALID: () => `Remove it, and build it again with ${command('database', 'add')}.`,
  DATABASE_MISSING: () =>
    `Build one with ${command('database', 'add')}, from what publishers of advisories export.`,
  ENCRYPTED: () =>
    taken('identity') === undefined
      ? 'Decrypt it first, with age.'
      : `Give the file that age-keygen made for a recipient with ${option('identity')}.`,
  DECRYPTION_FAILED: () =>
    `Copy the file again, or repair it with ${command('verify', 'PATH', option('repair'))} if there are recovery files beside it.`,
  GATE_REFUSED: 'Do not use it until somebody has looked at what the program says.',
  FILE_MISSING: 'Save the media again, or copy the file again from where the media came from.',
  FILE_CHANGED: 'Save the media again, or copy the file again from where the media came from.',
  FILE_EXTRA: 'Find out who put it there; remove it if nobody knows.',
  VOLUME_MISSING: () =>
    `Bring the volumes that are named, and run the command again; what has arrived is kept. ${command('save')} makes a single one with ${option('onlyVolume')}.`,
  VOLUME_DAMAGED: () =>
    `Copy the volume again, or make just this one with ${command('save')} and ${option('onlyVolume')}.`,
  VOLUME_FOREIGN: 'Put each set into its own folder, or name the volumes of one set.',
  RECOVERY_INSUFFICIENT:
    'Bring more recovery files of the set, or good copies of some damaged files, and run the command again.',
  ENGINE_MISMATCH: 'Remove the image from the engine, then run the command again.',
  DELTA_INVALID: 'Copy it again from where it came from, or save the whole image.',
  FOREIGN_URL_REFUSED: () =>
    `Allow the host${withTaken('allowForeignHosts')} if you trust it${orElse('leave foreign layers out', 'noForeign')}.`,
  IN_USE: () => `Uninstall the images listed first${orElse('do it all the same', 'force')}.`,
  KEY_EXISTS: () => `Choose another name, or remove the old key with ${command('trust', 'remove', 'NAME')}.`,
  FILE_EXISTS: () => `Choose another name${withTaken('path', 'output')}${orElse('overwrite it', 'force')}.`,
  IN_THE_WAY:
    'Find out who put it there, then remove it or choose another folder; nothing was written to it.',
  AMBIGUOUS_NAME: () => `Give the full name or the version${orElse('say where it is', 'source')}.`,
  ADDRESS_IN_USE: () => `Choose another port${withTaken('listen')}, or 0 for one that is free.`,
  SET_UNLOCKED: () =>
    `Lock it with ${command('set update', 'FILE')}${taken('locked') === undefined ? '' : `, or leave ${option('locked')} out`}.`,
  STORE_LOCKED: 'Wait for the other process to end, then run the command again.',
  LOCK_LOST: 'Run the command again.',
  CHANGED_MEANWHILE: 'Run the command again.',
  NO_SPACE: 'Free some space or choose another disk, then run the command again; what was fetched is kept.',
  FILE_TOO_LARGE: () =>
    taken('volumeSize') === undefined
      ? 'Format the stick as exFAT.'
      : `Cut it into volumes with ${option('volumeSize')} fat32, or format the stick as exFAT.`,
  NETWORK_UNREACHABLE:
    'Check the network and the proxy settings, then run the command again; it continues where it stopped.',
  NETWORK_TIMEOUT: 'Check the network, then run the command again; it continues where it stopped.',
  UNAUTHORIZED: () =>
    `Log in with ${command('login', 'HOST')}, \`docker login HOST\` or \`skopeo login HOST\`; the credentials of all three are used.`,
  RATE_LIMITED: 'Wait and run the command again, or log in for a higher limit.',
  REGISTRY_ERROR: 'Run the command again later, or ask the people who run the registry.',
  REGISTRY_READ_ONLY: 'Push to the registry that this one mirrors, or have its read-only mode ended.',
  CATALOG_CLOSED: () =>
    `Ask for an exact name: ${command('find', 'NAME', option('source'), 'https://HOST')}; or log in with ${command('login', 'HOST')}.`,
  MIRROR_ONLY: () =>
    `See ${command('config', 'list')}; ask for an exact name, or allow the registry itself to be asked.`,
  REDIRECT_REFUSED: 'Ask the people who run the registry; following it could give your credentials away.',
  CERTIFICATE_UNTRUSTED: () => `Give the certificate of your authority${withTaken('caFile')}.`,
  ENGINE_UNREACHABLE: () =>
    `Start the engine${orElse('name its address', 'engineAddress')}; then run the command again. Access to its socket may need another user or group.`,
  INTERRUPTED: 'Run the same command again; it continues where it stopped.',
}

/** A second way, if what runs takes an option for it. */
function orElse(way: string, ...names: OptionName[]): string {
  const how = withTaken(...names)
  return how === '' ? '' : `, or ${way}${how}`
}

/**
 * What to do if the code that throws has no better remedy. Also printed in docs/errors.md. @throws nothing
 */
export function defaultRemedy(code: ErrorCode): string {
  const remedy = wording().remedies[code] ?? REMEDIES[code]
  return typeof remedy === 'string' ? remedy : remedy()
}

/** Attaches to an error what failed after it, which must neither replace it nor get lost. */
export function noteBesides(error: unknown, others: unknown[]): void {
  if (others.length === 0 || !(error instanceof Error)) return
  const noted = error as Error & { besides?: unknown[] }
  noted.besides = [...(noted.besides ?? []), ...others]
}

/** What failed after an error, or after what led to it. */
export function besidesOf(error: unknown): unknown[] {
  const found: unknown[] = []
  for (let one = error, depth = 0; one instanceof Error && depth < 8; one = one.cause, depth++)
    found.push(...((one as { besides?: unknown[] }).besides ?? []))
  return found
}

/**
 * Attaches to an error what had been done before it, in the form in which the verb would have returned it.
 */
export function noteDone(error: unknown, done: unknown): void {
  if (error instanceof ContainerImageError) error.done ??= done
}

/**
 * The exit codes from mildest to worst: what is missing can be fetched later, what is wrong must be looked
 * into.
 */
const BY_SEVERITY = [3, 7, 2, 5, 6, 4, 1, 130]

/** The worst of several codes, by what it means for the whole run. */
export function worstCode(codes: readonly ErrorCode[]): ErrorCode {
  const severity = (code: ErrorCode): number => BY_SEVERITY.indexOf(ERROR_CODES[code].exit)
  return codes.reduce(
    (worst, code) => (severity(code) > severity(worst) ? code : worst),
    codes[0] ?? 'UNEXPECTED',
  )
}

/** Whether an error is ours and has this code. */
export function hasCode(error: unknown, ...codes: ErrorCode[]): error is ContainerImageError {
  return error instanceof ContainerImageError && codes.includes(error.code)
}

/** Throws INTERRUPTED if the signal was aborted; to be called between the steps of long work. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interrupted(signal.reason)
}

export function interrupted(cause?: unknown): ContainerImageError {
  if (cause instanceof ContainerImageError) return cause
  return new ContainerImageError('INTERRUPTED', 'Stopped before the end.', { cause })
}
