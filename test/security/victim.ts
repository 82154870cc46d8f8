import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { MAY_LINK } from '../links.js'
import { listing } from './attack.js'

/** What a user has on this machine, and what must be as it was whatever lies on a stick. */
export interface Victim {
  folder: string
  file: string
  /** Whether there is anything else than there was. */
  facts(): Record<string, string>
}

export function victim(folder: string): Victim {
  mkdirSync(path.join(folder, 'photos'), { recursive: true })
  const file = path.join(folder, 'thesis.txt')
  writeFileSync(file, 'all that there is of it', { mode: 0o600 })
  writeFileSync(path.join(folder, 'photos', '1.jpg'), 'a photo')
  return { folder, file, facts: () => listing(folder) }
}

type Plant = (place: string, victim: Victim) => void

const LINKS: Record<string, Plant> = {
  'a link to a file': (place, { file }) => symlinkSync(file, place),
  'a link to where nothing is': (place, { folder }) =>
    symlinkSync(path.join(folder, 'authorized_keys'), place),
  'a link to a folder': (place, { folder }) => symlinkSync(folder, place),
}

const PIPES: Record<string, Plant> = {
  'a pipe': (place) => void execFileSync('mkfifo', [place]),
}

/**
 * What may lie under a name that a save writes, and can be made on this system; each leads to the victim, or is none of
 * ours.
 */
export const PLANTED: Record<string, Plant> = {
  ...(MAY_LINK ? LINKS : {}),
  'a folder': (place) => {
    mkdirSync(place)
    writeFileSync(path.join(place, 'own'), 'of the owner of the stick')
  },
  ...(process.platform === 'win32' ? {} : PIPES),
}

/** The same file under two names. */
export function plantSecondName(place: string, { file }: Victim): void {
  linkSync(file, place)
}
