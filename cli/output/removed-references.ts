import { printable } from '../../manifests/index.js'
import type { RemovedReference, RemoveResult } from '../../provider/index.js'
import { counted } from './counted.js'
import { whatIf } from './what-if.js'

/** What is gone from a registry, and what else there has the same image. */
export function removedReferenceLines({ removed }: RemoveResult): string[] {
  return removed.flatMap((one) => [
    one.how === 'deleted'
      ? `Deleted ${printable(one.reference)}`
      : `Untagged ${printable(one.reference)}; its manifest stays`,
    `  ${one.digest}`,
    ...tagsLine(one, 'untagged'),
    ...artifactsLine(one, 'deleted'),
    ...neededLines(one, ''),
  ])
}

export function wouldRemoveReferenceLines({ removed }: RemoveResult): string[] {
  return removed.flatMap((one) => [
    whatIf(one.how === 'deleted' ? 'Delete Manifest' : 'Remove Tag', one.reference),
    `  ${one.digest}`,
    ...tagsLine(one, 'would untag'),
    ...artifactsLine(one, 'would delete'),
    ...neededLines(one, 'would '),
  ])
}

function tagsLine({ reference, tags }: RemovedReference, done: string): string[] {
  const others = tags.filter((tag) => tag !== reference)
  return others.length > 0 ? [`  ${done} as well ${others.map(printable).join(', ')}`] : []
}

function artifactsLine({ artifacts }: RemovedReference, done: string): string[] {
  const counts = new Map<string, number>()
  for (const { kind } of artifacts) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  const said = [...counts].map(([kind, count]) => counted(count, printable(kind)))
  return said.length > 0 ? [`  ${done} with it ${said.join(', ')}`] : []
}

function neededLines({ how, remaining, neededBy }: RemovedReference, would: string): string[] {
  const verb = would === '' ? 'stays' : 'would stay'
  return [
    ...(remaining.length > 0 ? [`  it ${verb} as ${remaining.map(printable).join(', ')}`] : []),
    ...(neededBy.length > 0
      ? [
          `  ${how === 'deleted' ? 'it is missing now in' : 'needed by'} the index ${neededBy.map(printable).join(', ')}`,
        ]
      : []),
  ]
}
