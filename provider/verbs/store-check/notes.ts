import {
  command,
  type Descriptor,
  isDigest,
  option,
  printable,
  type Receipt,
  shortDigest,
} from '../../../manifests/index.js'
import { storeLog } from '../../receipts/log.js'
import type { Places } from '../../store/places.js'
import type { StoreCheckRequest, StoreProblem } from './request.js'

/** What was done about the index. */
export interface IndexNews {
  /** Where a damaged one is now. */
  aside: string | undefined
  /** Images whose names could not be found out. */
  nameless: readonly Descriptor[]
  request: StoreCheckRequest
}

/** What the reader can do about what is left, and what became of the index. */
export async function notesFor(
  places: Places,
  problems: readonly StoreProblem[],
  { aside, nameless, request }: IndexNews,
): Promise<string[]> {
  const notes: string[] = []
  if (aside !== undefined) notes.push(`The damaged index was kept as ${printable(aside)}.`)
  for (const { digest } of nameless)
    notes.push(
      `Nobody tells how image ${shortDigest(digest)} was called: name a place that does with ${option('from')}, or give it a name after the repair with ${command('tag', digest, 'NAME:TAG')}.`,
    )
  const wrong = problems.filter(({ repaired }) => !repaired)
  const lost = wrong.filter(({ neededBy, from }) => neededBy.length > 0 && from.length === 0)
  if (!request.repair && wrong.length > lost.length) {
    const from = (request.from ?? []).flatMap((word) => [option('from'), printable(word)])
    notes.push(`To put right what can be: ${command('store', 'check', option('repair'), ...from)}.`)
  }
  if (lost.length > 0) notes.push(...(await onLost(places, lost)))
  return notes
}

async function onLost(places: Places, lost: readonly StoreProblem[]): Promise<string[]> {
  const images = [...new Set(lost.flatMap(({ neededBy }) => neededBy))]
  const named = images.find((image) => !isDigest(image))
  const away = named === undefined ? '' : `, or take the image away with ${command('untag', named)}`
  const some = images.slice(0, 5).map(printable).join(', ')
  const receipts = await storeLog(places).catch((): Receipt[] => [])
  const brought = new Set(lost.map(({ digest }) => digest))
  const from = receipts.filter(({ blobs }) =>
    blobs.some(({ digest, outcome }) => outcome === 'installed' && brought.has(digest)),
  )
  return [
    `Nothing that was asked has all of ${some}${images.length > 5 ? ', ...' : ''}: name an archive, a media or a registry with ${option('from')}${away}.`,
    ...from.map(
      ({ number, time, from: words }) =>
        `Receipt ${number} of ${time} says where it came from: ${words.map(printable).join(', ')}.`,
    ),
  ]
}
