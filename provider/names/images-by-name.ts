import { AskedNames } from '../../catalog/asked-name.js'
import { hasWildcard, matcher } from '../../catalog/wildcard.js'
import { addTo } from '../../manifests/groups.js'
import type { Askable } from './askable.js'

/** Images by everything by which they can be asked for, so that none of many requests looks at every image. */
export class ImagesByName<T extends Askable> {
  /** How many there were when they were sorted. */
  readonly count: number
  private readonly places = new Map<T, number>()
  private readonly repositories = new Map<string, T[]>()
  private readonly names: AskedNames
  private marks: Map<string, T[]> | undefined
  private hexes: readonly [hex: string, image: T][] | undefined

  constructor(private readonly images: readonly T[]) {
    this.count = images.length
    for (const [place, image] of images.entries()) {
      this.places.set(image, place)
      addTo(this.repositories, image.repository, image)
    }
    this.names = new AskedNames(this.repositories.keys())
  }

  /** Those in the repositories that the first name means, or whose name is one of the others. */
  ofNames([asked = '', ...exact]: readonly string[]): T[] {
    const repositories = new Set([...this.names.meant(asked), ...exact])
    return this.inOrder([...repositories].flatMap((name) => this.repositories.get(name) ?? []))
  }

  /** Those with a full name, or with a digest or an id; six of its digits are enough. */
  marked(text: string): T[] {
    const found = [...(this.allMarks().get(text) ?? []), ...this.ofFullName(text)]
    if (/^[0-9a-f]{6,64}$/.test(text)) found.push(...this.beginningWith(text))
    return this.inOrder(found)
  }

  private ofFullName(text: string): T[] {
    if (!hasWildcard(text) && !text.includes('`')) return this.allMarks().get(keyOfFullName(text)) ?? []
    const matches = matcher(text)
    return this.images.filter(({ fullName }) => fullName !== '' && matches(fullName))
  }

  private allMarks(): Map<string, T[]> {
    if (this.marks) return this.marks
    this.marks = new Map()
    for (const image of this.images) {
      const { id, digest, originIndex, fullName } = image
      for (const mark of new Set([id, digest, originIndex ?? '']))
        if (mark !== '') addTo(this.marks, mark, image)
      if (fullName !== '') addTo(this.marks, keyOfFullName(fullName), image)
    }
    return this.marks
  }

  private beginningWith(text: string): T[] {
    this.hexes ??= this.images
      .flatMap((image) => [image.id, image.digest].map((mark): [string, T] => [hexOf(mark), image]))
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    const found: T[] = []
    for (let at = firstFrom(this.hexes, text); this.hexes[at]?.[0].startsWith(text); at++)
      found.push((this.hexes[at] as [string, T])[1])
    return found
  }

  private inOrder(found: readonly T[]): T[] {
    const place = (image: T): number => this.places.get(image) ?? 0
    return [...new Set(found)].sort((a, b) => place(a) - place(b))
  }
}

/** No digest looks like this. */
function keyOfFullName(fullName: string): string {
  return `\n${fullName.toLowerCase()}`
}

function hexOf(mark: string): string {
  return mark.slice(mark.indexOf(':') + 1)
}

/** The place in a sorted list of the first element that does not come before a text. */
function firstFrom(sorted: readonly [string, unknown][], text: string): number {
  let from = 0
  let to = sorted.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((sorted[middle]?.[0] ?? '') < text) from = middle + 1
    else to = middle
  }
  return from
}
