import type { LoadResult } from './request.js'

/** What was loaded in several steps, as one result. */
export function joinedResults([first, ...others]: [LoadResult, ...LoadResult[]]): LoadResult {
  const all = [first, ...others]
  return {
    ...first,
    images: all.flatMap(({ images }) => images),
    moved: all.flatMap(({ moved = [] }) => moved),
    sentBytes: all.reduce((sum, { sentBytes }) => sum + sentBytes, 0),
    reusedBytes: all.reduce((sum, { reusedBytes }) => sum + reusedBytes, 0),
  }
}
