import type { EntryLocation } from '../../catalog/entry.js'
import type { ChosenImage, RootChoice } from '../choice/chosen-image.js'
import type { ImageSource } from '../copy/ports.js'
import type { VolumeSet } from '../formats/volumes/volume-set.js'
import { closeAll } from '../io/closing/closing.js'
import type { CommonOptions, EngineRequest, NetworkOptions, VersionOptions } from '../session/options.js'

/** A WIM that a source offers unchanged. */
export interface WimFile {
  name: string
  version: string
  platform: string
  location: EntryLocation & { kind: 'path' | 'url' }
  /** The image that is meant, by its index; undefined if the whole WIM is. */
  image?: string | undefined
  /** Files in which its other parts are looked for. */
  beside?: readonly string[] | undefined
}

/** What a name or a path in a request means, with the sources opened for it. */
export interface ChosenImages {
  images: ChosenImage[]
  /** WIMs that were left as they are, if requested. */
  wims?: WimFile[]
  close(): Promise<void>
}

/** What a request says about the images that it names; each verb's request has some of these. */
export interface TargetRequest extends CommonOptions, NetworkOptions, VersionOptions, EngineRequest {
  platform?: string | readonly string[]
  allPlatforms?: boolean
  /** The images need not run on this machine: builds of Windows that it cannot run count, too. */
  anyBuild?: boolean
  source?: string
  /** A name and a version for an image that has none. */
  name?: string
  version?: string
  /** WIM only: which of its images, by index from 1 or by name. */
  index?: string
  /** WIM only: skip what a layer cannot hold, and list it. */
  skipUnsupported?: boolean
  /** WIM only: files in which its other parts, and what a delta lacks, are looked for. */
  beside?: readonly string[] | undefined
  /** WIM only: compress the layer that is made from it. */
  compress?: 'gzip'
  /** Asks for the folder with the next volumes, by their names. */
  nextVolume?: (names: string) => Promise<string | undefined>
  /** Remake layers that were made before: one of them may be damaged. */
  again?: boolean | undefined
  /** The volumes of a path that is a set, if they were found earlier. */
  volumeSet?: VolumeSet | undefined
  /** Blobs may be moved out of a folder. */
  mayTake?: boolean
  /** The set of volumes that a layout was put together from. */
  signedSet?: VolumeSet | undefined
  /**
   * Called for platforms of a path or an engine that are not taken although none were named; default: nobody
   * is told.
   */
  onOthers?: RootChoice['onOthers']
  /** Nothing is taken, so it does not matter who signed it; default: a trusted key must have signed it. */
  looksOnly?: boolean
}

/** Closes each source of some images once. */
export async function closeSources(images: readonly { source: ImageSource }[]): Promise<void> {
  await closeAll(new Set(images.map(({ source }) => source)))
}
