import { seededRandom } from '../killing.js'
import { type Content, changed, type Loss } from './disk.js'

/** What a loss of power may leave of what was not synced: the extremes, and what lies between. */
export function lossesOf(seeds: readonly number[]): Loss[] {
  return [
    { title: 'nothing that was not synced', keepsName: () => false, content: ({ synced }) => synced },
    { title: 'every name, no bytes', keepsName: () => true, content: ({ synced }) => synced },
    {
      title: 'every name, zeros for bytes',
      keepsName: () => true,
      content: ({ synced, now }) => changed(changed(synced, { size: now.bytes.length }), { mode: now.mode }),
    },
    {
      title: 'every name, torn bytes',
      keepsName: () => true,
      content: ({ synced, now }) => {
        const half = now.bytes.subarray(0, now.bytes.length >> 1)
        return changed(changed(synced, { at: 0, bytes: half }), { mode: now.mode })
      },
    },
    { title: 'only the newest name', keepsName: (i, of) => i === of - 1, content: ({ synced }) => synced },
    { title: 'everything but the newest name', keepsName: (i, of) => i < of - 1, content: ({ now }) => now },
    { title: 'every byte, no names', keepsName: () => false, content: ({ now }) => now },
    ...seeds.map(someOf),
  ]
}

/** Each change of names, and of a file, with a probability of its own. */
function someOf(seed: number): Loss {
  const random = seededRandom(seed)
  return {
    title: `some of it (seed ${seed})`,
    keepsName: () => random() < 0.5,
    content: ({ synced, changes }) =>
      changes.reduce<Content>(
        (content, change) => (random() < 0.5 ? changed(content, change) : content),
        synced,
      ),
  }
}
