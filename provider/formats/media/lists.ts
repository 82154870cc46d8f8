import {
  ANNOTATIONS,
  ContainerImageError,
  digestOf,
  hasCode,
  INDEX_FILE,
  inUtf8,
  LIMITS,
  type ListedFile,
  MEDIA_FILE,
  PAGE_FILE,
  parseIndex,
  parseMediaList,
  parseSums,
  SUMS_FILE,
  sumsBytes,
} from '../../../manifests/index.js'
import { type Member, type Members, whatIs } from '../../archives/members/members.js'
import { parsed } from '../../copy/documents.js'
import { collect } from '../../copy/read-verified.js'
import { listedFiles } from './page/files.js'
import { changed, type MediaProblem, missing, noFile } from './problem.js'

/** What one list of a media says of its files. */
export interface FileList {
  /** `the list`, or the name of another one. */
  name: string
  files: ListedFile[]
}

/** What is left of the lists of a media. */
export interface MediaLists {
  /** The one that counts, where one is left. */
  list?: FileList
  /** One that says something else: it is compared as well. */
  other?: FileList
  /** What is wrong with the lists themselves. */
  problems: MediaProblem[]
  /** Why the list that ought to count cannot, although something with its name is there. */
  refusal?: ContainerImageError
}

/**
 * The lists of a media, in a folder or an archive; undefined for what is none. Any remaining part of a media
 * shows that it is one: its list, the list of sums, the page, or the marks that a save leaves in the index.
 * The first of them that is there counts; if another is missing, that is a problem.
 */
export async function mediaLists(members: Members): Promise<MediaLists | undefined> {
  const list = await readList(members, MEDIA_FILE, (bytes) => parseMediaList(bytes).files)
  const sums = await readList(members, SUMS_FILE, parseSums)
  if (list.files) return withSums(list.files, list.bytes ?? Buffer.alloc(0), sums)
  const sumsCount = sums.files?.some(({ path }) => path === MEDIA_FILE)
  const page = await readList(members, PAGE_FILE, listedFiles)
  if (!list.isThere && !sumsCount && !page.files && !(await isMarked(members))) return undefined
  const problems = [list.problem ?? missing(MEDIA_FILE, 'the list of all files')]
  if (!sums.files) problems.push(sums.problem ?? missing(SUMS_FILE, 'the sums of all files'))
  if (!page.isThere) problems.push(missing(PAGE_FILE, 'the page of the media'))
  const left = sums.files
    ? { name: SUMS_FILE, files: sums.files }
    : page.files && { name: PAGE_FILE, files: page.files }
  return { problems, list: left, refusal: list.refusal }
}

/** The list of sums is the same list in another form; it also has the sum of the first. */
function withSums(files: ListedFile[], bytes: Uint8Array, sums: ReadList): MediaLists {
  const list = { name: 'the list', files }
  const own = { path: MEDIA_FILE, sha256: digestOf(bytes).slice('sha256:'.length) }
  const expected = sumsBytes([...files, own].sort((a, b) => (a.path < b.path ? -1 : 1)))
  if (!sums.isThere) return { list, problems: [missing(SUMS_FILE, `${expected.length} bytes`)] }
  if (sums.bytes && expected.equals(sums.bytes)) return { list, problems: [] }
  const problems = [sums.problem ?? changed(SUMS_FILE, `the sums of ${MEDIA_FILE}`, 'others')]
  const others = sums.files?.filter(({ path }) => path !== MEDIA_FILE)
  return { list, problems, other: others ? { name: SUMS_FILE, files: others } : undefined }
}

interface ReadList {
  isThere: boolean
  bytes?: Uint8Array
  /** Where it is a list. */
  files?: ListedFile[]
  problem?: MediaProblem
  refusal?: ContainerImageError
}

async function readList(
  members: Members,
  name: string,
  parse: (bytes: Uint8Array) => ListedFile[] | undefined,
): Promise<ReadList> {
  const member = await members.find(name)
  if (!member) return { isThere: false }
  if (member.kind !== 'file')
    return { isThere: true, problem: noFile(name, whatIs(member)), refusal: notRegular(members, member) }
  try {
    const bytes = await collect(members.read(name), LIMITS.indexBytes, `${members.label}, ${name}`)
    const files = parsed(`${members.label}, ${name}`, () => parse(inUtf8(bytes)))
    if (files) return { isThere: true, bytes, files }
    return { isThere: true, bytes, problem: changed(name, 'a list of files', 'something else') }
  } catch (error) {
    if (!hasCode(error, 'INVALID_DOCUMENT', 'DOCUMENT_TOO_LARGE')) throw error
    return refused(name, error)
  }
}

function refused(name: string, refusal: ContainerImageError): ReadList {
  const { code, message, expected, found } = refusal
  const facts = { expected: String(expected ?? ''), found: String(found ?? '') }
  return {
    isThere: true,
    problem: { code: code as MediaProblem['code'], path: name, message, ...facts },
    refusal,
  }
}

function notRegular({ label }: Members, member: Member): ContainerImageError {
  const what = whatIs(member)
  const code = member.kind === 'link' ? 'UNSAFE_NAME' : 'NOT_A_FILE'
  return new ContainerImageError(code, `${label}: ${member.name} is ${what}.`, {
    side: 'source',
    expected: 'a regular file',
    found: what,
    details: { path: member.name },
  })
}

/** Only on a media does a save mark when it added an image. */
async function isMarked(members: Members): Promise<boolean> {
  if ((await members.find(INDEX_FILE))?.kind !== 'file') return false
  try {
    const { manifests } = parseIndex(inUtf8(await collect(members.read(INDEX_FILE), LIMITS.indexBytes)))
    return manifests.some(({ annotations }) => annotations?.[ANNOTATIONS.saved] !== undefined)
  } catch (error) {
    // Whatever is wrong with it is reported when the layout is opened.
    if (hasCode(error, 'INVALID_DOCUMENT', 'DOCUMENT_TOO_LARGE')) return false
    throw error
  }
}
