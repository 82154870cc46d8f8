import type { ChosenImage } from '../../choice/chosen-image.js'

/** An image to be pushed, with the tags that it gets. */
export interface ImageToPush {
  image: ChosenImage
  /** Its name here: `debian`. */
  repository: string
  tags: string[]
  /** The file or folder that it is from. */
  from?: string
  /** A repository in the destination registry that has its blobs. */
  mountFrom?: string | undefined
}
