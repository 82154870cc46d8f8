import { command, formatPlatform, option, type Platform, printable } from '../../manifests/index.js'

/** One name has images for several kinds of machine, nobody named a platform, and one of them was taken. */
export interface OtherPlatforms {
  /** `debian 12.5`. */
  name: string
  /** What was not taken. */
  others: readonly Platform[]
}

/** For the reader, if all of them can be taken. */
export function othersNote(left: OtherPlatforms): string {
  return `${leftOut(left)}: ${option('allPlatforms')} takes all.`
}

/** For the reader, if a name can have only one image. */
export function othersOfEngineNote(left: OtherPlatforms): string {
  return `${leftOut(left)}: in an engine a name is one image; ${command('install')} takes another with ${option('platform')}.`
}

function leftOut({ name, others }: OtherPlatforms): string {
  const platforms = [...new Set(others.map(formatPlatform))].join(', ')
  return `${printable(name)} is there for ${platforms} as well, and that is left out`
}
