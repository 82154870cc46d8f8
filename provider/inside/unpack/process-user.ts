import { ContainerImageError, show } from '../../../manifests/index.js'

/** The user that a container runs as (runtime-spec, config.md, "POSIX-platform User"). */
export interface ProcessUser {
  uid: number
  gid: number
  additionalGids?: number[]
}

/**
 * What `User` in an image's config means according to the image's own `/etc/passwd` and `/etc/group`
 * (image-spec, config.md: `user`, `uid`, `user:group`, `uid:gid`, `uid:group`, `user:gid`); root where it
 * says none.
 * @throws INVALID_DOCUMENT for a name that the image does not know
 */
export function processUser(user: string, passwd: string, group: string): ProcessUser {
  const [who = '', ofGroup] = user.split(':')
  if (who === '') return { uid: 0, gid: 0 }
  const account = lines(passwd).find(([name, , uid]) => name === who || uid === who)
  const uid = account ? Number(account[2]) : Number(who)
  if (!isId(uid)) throw unknown(who, '/etc/passwd')
  const groups = lines(group)
  const extra = groups
    .filter(([, , , members = '']) => account && members.split(',').includes(account[0] ?? ''))
    .map(([, , gid]) => Number(gid))
    .filter(isId)
  if (ofGroup === undefined)
    return { uid, gid: idOr(account?.[3], 0), ...(extra.length > 0 ? { additionalGids: extra } : {}) }
  const named = groups.find(([name, , gid]) => name === ofGroup || gid === ofGroup)
  const gid = named ? Number(named[2]) : Number(ofGroup)
  if (!isId(gid)) throw unknown(ofGroup, '/etc/group')
  return { uid, gid }
}

function lines(file: string): string[][] {
  return file.split('\n').map((line) => line.split(':'))
}

function isId(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 32
}

function idOr(text: string | undefined, otherwise: number): number {
  const value = text === undefined || text === '' ? Number.NaN : Number(text)
  return isId(value) ? value : otherwise
}

function unknown(name: string, file: string): ContainerImageError {
  return new ContainerImageError(
    'INVALID_DOCUMENT',
    `The image runs as ${show(name)}, which it does not know.`,
    {
      side: 'source',
      expected: `a number, or a name in its ${file}`,
      found: show(name),
      remedy: 'Unpack it without a bundle, and write its config.json by hand.',
    },
  )
}
