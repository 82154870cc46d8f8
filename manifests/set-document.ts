import { parsePercent, parseVolumeSize } from './byte-size.js'
import { refuseLarger } from './document.js'
import { inUtf8 } from './in-utf8.js'
import { LIMITS } from './limits.js'
import { parsePlatform } from './platform.js'
import { present } from './present.js'
import { Findings } from './problems.js'
import { kindInWords, MemberReader } from './yaml-members.js'
import { parseYaml, type YamlValue } from './yaml-tree.js'

/** What a site needs, written down: which images, and in what form they are carried there. */
export interface SetDocument extends SetForm {
  images: SetImage[]
}

/** One line of a set: images of one name. */
export interface SetImage {
  /** A name in the catalog, a full reference or a path, with or without a tag. */
  name: string
  /** Exact, or a wildcard. */
  version?: string
  minimumVersion?: string
  maximumVersion?: string
  allVersions?: boolean
  /** How many of the newest versions; default: one. */
  newest?: number
  /** Versions that are never taken, exact or as wildcards. */
  exclude?: string[]
  /** `linux/amd64`; default: those of the set. */
  platforms?: string[]
  allPlatforms?: boolean
  /** Default: that of the set. */
  source?: string
  /** Where it stands in the file. */
  line: number
}

/** What a set says of the save as a whole. */
export interface SetForm {
  platforms?: string[]
  allPlatforms?: boolean
  source?: string
  /** Locations by the names that `source` has for them. */
  sources?: Record<string, string>
  format?: string
  /** In bytes. */
  volumeSize?: number
  /** Recovery slices per slice of data. */
  recovery?: number
  /** Files, from the folder of the set. */
  base?: string[]
  delta?: 'layers' | 'blocks'
}

/** A set with what was found wrong with it so far; the caller adds its own and throws. */
export interface ParsedSet {
  set: SetDocument
  findings: Findings
}

/**
 * Parses a set: YAML or JSON, or a plain list of names and references, one a line.
 * @param name of its file, for messages
 * @param formats that a save can have
 * @throws DOCUMENT_TOO_LARGE
 */
export async function parseSet(
  bytes: Uint8Array,
  name: string,
  formats: readonly string[],
): Promise<ParsedSet> {
  refuseLarger(bytes, `set ${name}`, LIMITS.setBytes)
  const text = inUtf8(bytes).toString('utf8')
  const findings = new Findings(`set ${name}`)
  const set = isPlainList(text) ? plainList(text, findings) : await fromYaml(text, formats, findings)
  if (set.images.length === 0 && findings.count === 0) findings.note('(whole)', 'one image or more', 'none')
  return { set, findings }
}

/** Lines of a plain list, without comments. */
function meaningfulLines(text: string): { line: number; text: string }[] {
  return text
    .split(/\r?\n/)
    .map((line, at) => ({ line: at + 1, text: line.replace(/(^|\s)#.*$/, '').trim() }))
    .filter((line) => line.text !== '')
}

/** By its first line: YAML begins with a member, a dash or a bracket. */
function isPlainList(text: string): boolean {
  const [first] = meaningfulLines(text)
  return first !== undefined && !/^(---|%|[[{]|-(\s|$)|["']?[\w-]+["']?\s*:(\s|$))/.test(first.text)
}

function plainList(text: string, findings: Findings): SetDocument {
  const images = meaningfulLines(text).map(({ line, text: name }) => {
    if (/\s/.test(name)) findings.add(`line ${line}`, 'one name or reference, such as debian:12.5', name)
    return { name, line }
  })
  return { images }
}

async function fromYaml(text: string, formats: readonly string[], findings: Findings): Promise<SetDocument> {
  const value = await parseYaml(text, findings)
  if (!value || (value.kind === 'text' && value.text === '')) return { images: [] }
  if (value.kind === 'list') return { images: imagesOf(value, findings) }
  return setOf(value, formats, findings)
}

const IMAGE_MEMBERS = [
  'name',
  'version',
  'minimumVersion',
  'maximumVersion',
  'allVersions',
  'newest',
  'exclude',
  'platforms',
  'allPlatforms',
  'source',
]
const FORM_MEMBERS = [
  'platforms',
  'allPlatforms',
  'source',
  'sources',
  'format',
  'volumeSize',
  'recovery',
  'base',
  'delta',
]

function setOf(value: YamlValue, formats: readonly string[], findings: Findings): SetDocument {
  const read = new SetReader(value, ['images', ...FORM_MEMBERS], '', findings)
  const images = read.value('images')
  if (!images) findings.note(`line ${value.line}`, 'images, a list of what the site needs', 'no images')
  return {
    images: images ? imagesOf(images, findings) : [],
    ...present({
      platforms: read.platforms('platforms'),
      allPlatforms: read.flag('allPlatforms'),
      source: read.text('source'),
      sources: read.textsByName('sources'),
      format: read.parsed('format', formats.join(', '), (text) => formats.find((one) => one === text)),
      volumeSize: read.parsed('volumeSize', 'a size such as 650m or 4g, or fat32, dvd, bd', parseVolumeSize),
      recovery: read.parsed('recovery', 'a percentage up to 100%, such as 10%', parsePercent),
      base: read.texts('base'),
      delta: read.parsed('delta', 'layers or blocks', (text) =>
        text === 'layers' || text === 'blocks' ? text : undefined,
      ),
    }),
  }
}

function imagesOf(value: YamlValue, findings: Findings): SetImage[] {
  if (value.kind !== 'list') {
    findings.note(`line ${value.line}, images`, 'a list', kindInWords(value))
    return []
  }
  return value.items.flatMap((item, at) => imageOf(item, `images[${at}]`, findings) ?? [])
}

function imageOf(item: YamlValue, where: string, findings: Findings): SetImage | undefined {
  if (item.kind === 'text') {
    if (item.text.trim() !== '' && !/\s/.test(item.text)) return { name: item.text, line: item.line }
    findings.add(`line ${item.line}, ${where}`, 'a name or reference, such as debian:12.5', item.text)
    return undefined
  }
  const read = new SetReader(item, IMAGE_MEMBERS, where, findings)
  const name = read.text('name')
  if (name === undefined && item.kind === 'map' && !item.members.some(({ key }) => key === 'name'))
    findings.note(`line ${item.line}, ${where}`, 'a name', 'none')
  return {
    name: name ?? '',
    line: item.line,
    ...present({
      version: read.text('version'),
      minimumVersion: read.text('minimumVersion'),
      maximumVersion: read.text('maximumVersion'),
      allVersions: read.flag('allVersions'),
      newest: read.parsed('newest', 'how many, a whole number from 1', wholeNumber),
      exclude: read.texts('exclude'),
      platforms: read.platforms('platforms'),
      allPlatforms: read.flag('allPlatforms'),
      source: read.text('source'),
    }),
  }
}

function wholeNumber(text: string): number | undefined {
  return /^[1-9]\d{0,5}$/.test(text) ? Number(text) : undefined
}

/** The same for what sets alone have. */
class SetReader extends MemberReader {
  platforms(key: string): string[] | undefined {
    return this.texts(key)?.filter((text) => {
      try {
        return parsePlatform(text) !== undefined
      } catch {
        const line = this.value(key)?.line ?? 0
        this.wrong(line, key, 'platforms such as linux/arm64 or windows/amd64', JSON.stringify(text))
        return false
      }
    })
  }
}
