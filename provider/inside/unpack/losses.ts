/** Something in an image that the folder does not have. */
export interface Loss {
  /** From the root of the image, beginning with a slash. */
  path: string
  /** What, and why. */
  what: string
}

/** What could not be kept of an image, entry by entry; nothing is left out silently. */
export class Losses {
  readonly list: Loss[] = []
  /** Entries that belong to other users, if only one's own can be created. */
  foreignOwners = 0

  add(path: string, what: string): void {
    this.list.push({ path: `/${path}`, what })
  }
}
