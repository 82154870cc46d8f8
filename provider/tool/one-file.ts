/** The second line of the one file; a file with this name and a version in it is taken for the tool. */
const TITLE = /^#!\/usr\/bin\/env node\n\/\/ containerimage (\S+) in one file\. /

const LICENSES_BEGIN = '\n/* Licences\n'
const LICENSES_END = '*/\n'

/** The first lines of the one file. */
export function oneFileHead(version: string): string {
  return `#!/usr/bin/env node\n// containerimage ${version} in one file. Run it with Node 20.17 or newer; licences stand at its end.\n`
}

/** The last lines of the one file. A licence cannot end the comment that it is in. */
export function licenseComment(licenses: string): string {
  return `${LICENSES_BEGIN}${licenses.replaceAll('*/', '* /')}${LICENSES_END}`
}

/** What the text of a one file says about itself; undefined if it is not one, or is cut short. */
export function oneFileFacts(text: string): { version: string; licenses: string } | undefined {
  const version = TITLE.exec(text)?.[1]
  const at = text.lastIndexOf(LICENSES_BEGIN)
  if (version === undefined || at < 0 || !text.endsWith(LICENSES_END)) return undefined
  return { version, licenses: text.slice(at + LICENSES_BEGIN.length, -LICENSES_END.length) }
}
