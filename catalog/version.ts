/** Two to four dotted numbers, missing ones are 0, as .NET's System.Version and cli.md read them. */
export interface Version {
  /** As it was written: `10.0` and `10.0.0.0` are the same version with different texts. */
  text: string
  parts: readonly [number, number, number, number]
}

/** System.Version's parts are 32-bit signed. */
const LARGEST_PART = 2 ** 31 - 1

/** The version in a text, or undefined if the text is not one: `.5`, `12`, `ltsc2022`, `1.2.3-rc1`. */
export function parseVersion(text: string): Version | undefined {
  if (!/^[0-9]{1,10}(?:\.[0-9]{1,10}){1,3}$/.test(text)) return undefined
  const parts = text.split('.').map(Number)
  if (parts.some((part) => part > LARGEST_PART)) return undefined
  const [major = 0, minor = 0, build = 0, revision = 0] = parts
  return { text, parts: [major, minor, build, revision] }
}

/** Negative if `a` is older than `b`, positive if it is newer, 0 if both have the same numbers. */
export function compareVersions(a: Version, b: Version): number {
  for (const i of [0, 1, 2, 3] as const) {
    const difference = a.parts[i] - b.parts[i]
    if (difference !== 0) return difference
  }
  return 0
}
