import type { Findings } from '../findings.js'
import { KB, MB, type PackageFormat, Unreadable } from '../package-reader.js'
import { linesOf } from '../systems/deb822.js'
import { type ZipMember, zipMembers } from './zip.js'

/** Archives of Java, with what is in them. */
export const java: PackageFormat = {
  id: 'java-1',
  largest: 512 * MB,
  wantsPath: (path) => ARCHIVE.test(path),
  read(bytes, findings, path) {
    readArchive(bytes, path, findings, { left: LARGEST_NESTED }, 0)
  },
}

const ARCHIVE = /\.(?:jar|war|ear|par|jpi|hpi)$/i
const POM = /^META-INF\/maven\/[^/]+\/[^/]+\/pom\.properties$/
const MANIFEST = 'META-INF/MANIFEST.MF'
const LARGEST_TEXT = 256 * KB
/** All archives within one, unpacked, in bytes. */
const LARGEST_NESTED = 256 * MB
/** Of a file, in characters. */
const LONGEST_NAME = 255
/** An ear has wars, which have jars. */
const DEEPEST = 3
/** Libraries that were put into one archive. */
const MOST_POMS = 5000

interface Nested {
  left: number
}

function readArchive(zip: Buffer, path: string, findings: Findings, nested: Nested, depth: number): void {
  const poms: ZipMember[] = []
  let manifest: ZipMember | undefined
  for (const member of zipMembers(zip)) {
    if (member.name === MANIFEST) manifest ??= member
    else if (POM.test(member.name) && poms.length < MOST_POMS) poms.push(member)
    else if (ARCHIVE.test(member.name)) readNested(member, findings, nested, depth + 1)
  }
  const found = poms.filter((pom) => addPom(textOf(pom, nested), findings)).length
  if (found === 0 && manifest) addByManifest(fieldsOf(textOf(manifest, nested)), path, findings)
}

/** A broken one does not hide the others. */
function readNested(member: ZipMember, findings: Findings, nested: Nested, depth: number): void {
  if (depth > DEEPEST) return
  try {
    const bytes = within(member, nested.left, nested)
    readArchive(bytes, member.name, findings, nested, depth)
  } catch {
    findings.note(`has an archive within it that cannot be read: ${member.name.slice(0, 200)}`)
  }
}

function textOf(member: ZipMember, nested: Nested): string {
  return within(member, LARGEST_TEXT, nested).toString('utf8')
}

/**
 * The size that a member claims counts, whether or not it can be unpacked: several may share the same bytes.
 */
function within(member: ZipMember, largest: number, nested: Nested): Buffer {
  if (member.size > Math.min(largest, nested.left))
    throw new Unreadable('what is in the archive is too large')
  nested.left -= member.size
  return member.bytes()
}

/** Maven writes group, name and version into what it makes (maven.apache.org/shared/maven-archiver). */
function addPom(text: string, findings: Findings): boolean {
  const fields = new Map<string, string>()
  for (const line of linesOf(text)) {
    const [, name, value] = /^\s*(groupId|artifactId|version)\s*[=:]\s*(\S+)\s*$/.exec(line) ?? []
    if (name !== undefined && value !== undefined) fields.set(name, value)
  }
  const [group, artifact, version] = ['groupId', 'artifactId', 'version'].map((name) => fields.get(name))
  if (group === undefined || artifact === undefined || version === undefined) return false
  findings.package({ kind: 'maven', name: `${group}:${artifact}`, version })
  return true
}

/** The main section of a manifest; a line that begins with a space goes on with the one before (JAR File Specification). */
function fieldsOf(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  let name: string | undefined
  for (const line of linesOf(text)) {
    if (line === '') break
    const [, key, value = ''] = /^([A-Za-z0-9_-]+): ?(.*)$/.exec(line) ?? []
    if (key !== undefined) {
      name = key.toLowerCase()
      fields.set(name, value)
    } else if (line.startsWith(' ') && name !== undefined)
      fields.set(name, `${fields.get(name) ?? ''}${line.slice(1)}`)
  }
  return fields
}

/**
 * For jars not made by Maven: the name of the file, `NAME-VERSION.jar`, and what the manifest says: the
 * version of the implementation, and the group from its OSGi name.
 */
function addByManifest(fields: Map<string, string>, path: string, findings: Findings): void {
  const [, base = ''] = /([^/]*)\.[^./]*$/.exec(path.slice(-LONGEST_NAME)) ?? []
  const [, name = base, numbered] = /^(.+?)[-_]v?(\d[^-]*(?:-[A-Za-z0-9.]+)*)$/.exec(base) ?? []
  const version = numbered ?? fields.get('implementation-version') ?? fields.get('bundle-version')
  const group = fields.get('implementation-vendor-id') ?? groupIn(fields.get('bundle-symbolicname'), name)
  findings.package({
    kind: 'maven',
    name: group !== undefined && /^[A-Za-z0-9_.-]+$/.test(group) ? `${group}:${name}` : name,
    version,
    licence: fields.get('bundle-license'),
  })
}

/**
 * `org.slf4j.api`, `com.google.guava;singleton:=true`: everything except the part that the file is named
 * after.
 */
function groupIn(symbolic: string | undefined, name: string): string | undefined {
  const [id = ''] = (symbolic ?? '').split(';')
  const parts = id.trim().split('.')
  if (parts.length < 2) return undefined
  return parts.at(-1) === name || parts.length > 2 ? parts.slice(0, -1).join('.') : id.trim()
}
