import type { ImageSource } from '../ports.js'
import type { InstallRequest, SaveRequest } from '../requests.js'
import type { ChosenImage } from './chosen-image.js'

/** What a name or a path of a request means, with the sources that are open for it. */
export interface ChosenImages {
  images: ChosenImage[]
  close(): Promise<void>
}

export type TargetRequest = Omit<SaveRequest & InstallRequest, 'names' | 'targets' | 'path' | 'format'>

/** Closes each of the sources that some images come from once. */
export async function closeAll(sources: Iterable<ImageSource>): Promise<void> {
  for (const source of new Set(sources)) await source.close()
}
