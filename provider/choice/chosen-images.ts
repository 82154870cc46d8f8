import type { EntryLocation } from '../../catalog/entry.js'
import type { ImageSource } from '../ports.js'
import type { InstallRequest, SaveRequest } from '../requests.js'
import type { VolumeSet } from '../volumes/volume-set.js'
import type { ChosenImage } from './chosen-image.js'

/** A WIM that a source offers as it is. */
export interface WimFile {
  name: string
  version: string
  platform: string
  location: EntryLocation & { kind: 'path' | 'url' }
}

/** What a name or a path of a request means, with the sources that are open for it. */
export interface ChosenImages {
  images: ChosenImage[]
  /** WIMs that were left as they are, where that was asked for. */
  wims?: WimFile[]
  close(): Promise<void>
}

export type TargetRequest = Omit<SaveRequest & InstallRequest, 'names' | 'targets' | 'path' | 'format'> & {
  /** Make layers again that were made before: one of them may be damaged. */
  again?: boolean | undefined
  /** The volumes of a path that is a set, where they were found before. */
  volumeSet?: VolumeSet | undefined
  /** Blobs of a folder may be taken away. */
  mayTake?: boolean
}

/** Closes each of the sources that some images come from once. */
export async function closeAll(sources: Iterable<ImageSource>): Promise<void> {
  for (const source of new Set(sources)) await source.close()
}
