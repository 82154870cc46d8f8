import { closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs'
import { type FileHandle, lstat, open } from 'node:fs/promises'
import { codedError } from '../coded-error.js'
import { checkMayBeMade } from './portable-name.js'
import { removePath } from './rename-and-remove.js'

/*
 * Files that this program writes under predictable names: `NAME.part` on a stick, a blob in `ingest/`.
 * Somebody who had the stick before may have put a link there, and writing through it would change a file
 * elsewhere. So a new file is made only if nothing is there, and one from an earlier run is opened only if it
 * is a regular file that has no other name. Workers load this, so it imports next to nothing; `fromSystem`
 * has the words for IN_THE_WAY.
 */

/** Windows has no such flag: there the name is looked at again once the file is open. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0
const NEW = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW
/** A pipe that took the place of a file must not be waited for. */
const OLD = constants.O_RDWR | NO_FOLLOW | (constants.O_NONBLOCK ?? 0)
const TO_READ = constants.O_RDONLY | NO_FOLLOW | (constants.O_NONBLOCK ?? 0)

/** Makes a file to read and write that is not there yet. @throws EEXIST also for a link, wherever it leads */
export async function openNew(file: string, mode = 0o644): Promise<FileHandle> {
  checkMayBeMade(file)
  return await open(file, NEW, mode)
}

export function openNewSync(file: string, mode = 0o644): number {
  checkMayBeMade(file)
  return openSync(file, NEW, mode)
}

/** Makes a file in place of one that an earlier run left under its name. @throws IN_THE_WAY */
export async function openAnew(file: string, mode = 0o644): Promise<FileHandle> {
  await clearName(file)
  return await openNew(file, mode)
}

/** Opens a file that this program made, to read and write. @throws ENOENT, IN_THE_WAY */
export async function openOwn(file: string): Promise<FileHandle> {
  checkOwn(file, await lstat(file, { bigint: true }))
  const handle = await open(file, OLD).catch((error) => {
    throw linked(file, error)
  })
  try {
    const opened = await handle.stat({ bigint: true })
    checkOwn(file, opened)
    if (NO_FOLLOW === 0) checkSame(file, opened, await lstat(file, { bigint: true }))
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

export function openOwnSync(file: string): number {
  checkOwn(file, lstatSync(file, { bigint: true }))
  const fd = opened(file)
  try {
    const stats = fstatSync(fd, { bigint: true })
    checkOwn(file, stats)
    if (NO_FOLLOW === 0) checkSame(file, stats, lstatSync(file, { bigint: true }))
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function opened(file: string): number {
  try {
    return openSync(file, OLD)
  } catch (error) {
    throw linked(file, error)
  }
}

/**
 * Windows can sync only a file opened for writing; elsewhere a file may be read-only with its bytes not
 * synced yet.
 */
export async function openToSync(file: string): Promise<FileHandle> {
  return await open(file, NO_FOLLOW === 0 ? 'r+' : TO_READ)
}

/** Removes what an earlier run left under a name that only this program gives. @throws IN_THE_WAY */
export async function clearName(file: string): Promise<void> {
  if (isLeft(file, await found(file))) await removePath(file)
}

/**
 * How many bytes an earlier run left, if they can be added to. Not if the file has another name as well:
 * writing into it would change a copy that somebody made of it by a link.
 * @throws IN_THE_WAY
 */
export async function sizeLeft(file: string): Promise<number | undefined> {
  const stats = await found(file)
  return isLeft(file, stats) && stats.nlink <= 1 ? stats.size : undefined
}

async function found(file: string): Promise<Found | undefined> {
  return await lstat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}

/** The facts about a file that matter here, with numbers or bigints. */
interface Found {
  nlink: number
  size: number
  isFile(): boolean
  isSymbolicLink(): boolean
  isDirectory(): boolean
}

type Exact = Pick<Found, 'isFile' | 'isSymbolicLink' | 'isDirectory'> & {
  dev: bigint
  ino: bigint
  nlink: bigint
}

function isLeft(file: string, stats: Found | undefined): stats is Found {
  if (!stats) return false
  if (!stats.isFile()) throw inTheWay(file, kindOf(stats))
  return true
}

function checkOwn(file: string, stats: Exact): void {
  if (!stats.isFile()) throw inTheWay(file, kindOf(stats))
  if (stats.nlink > 1n) throw inTheWay(file, 'a file that has another name')
}

/** Between the look at the name and the opening it may have become a link. */
function checkSame(file: string, opened: Exact, named: Exact): void {
  if (named.isSymbolicLink()) throw inTheWay(file, 'a link')
  if (opened.dev !== named.dev || opened.ino !== named.ino) throw inTheWay(file, 'another file')
}

function kindOf(stats: Pick<Found, 'isSymbolicLink' | 'isDirectory'>): string {
  if (stats.isSymbolicLink()) return 'a link'
  return stats.isDirectory() ? 'a folder' : 'a device, pipe or socket'
}

/** What the system answers to the flag that it is not to follow a link (open(2); FreeBSD has an answer of its own). */
function linked(file: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ELOOP' || code === 'EMLINK' ? inTheWay(file, 'a link') : error
}

function inTheWay(file: string, kind: string): Error {
  return codedError('IN_THE_WAY', `${file} is ${kind}`)
}
