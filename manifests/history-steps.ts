import type { ImageConfig } from './image-config.js'
import type { Manifest } from './manifest.js'
import { printable } from './problems.js'

/** One step of an image's history, as docker prints it. */
export interface HistoryStep {
  /** ISO 8601; empty if the image does not say. */
  created: string
  /** The command; empty if the image does not say. */
  createdBy: string
  /** Size of its layer as stored, in bytes. */
  size: number
  /** Empty if the image does not say. */
  comment: string
  /** Whether the step made no layer. */
  emptyLayer: boolean
}

/** The steps by which an image was built, newest first (image-spec, config.md, "history"). */
export function historySteps(manifest: Manifest, config: ImageConfig): HistoryStep[] {
  const layers = [...manifest.layers]
  const written = config.history ?? []
  const oldestFirst = written.map((entry): HistoryStep => {
    const emptyLayer = entry.empty_layer ?? false
    return {
      created: entry.created ?? '',
      createdBy: printable(entry.created_by ?? ''),
      size: emptyLayer ? 0 : (layers.shift()?.size ?? 0),
      comment: printable(entry.comment ?? ''),
      emptyLayer,
    }
  })
  // Layers that the history does not mention are still shown.
  const untold = layers.map((layer): HistoryStep => {
    return { created: config.created ?? '', createdBy: '', size: layer.size, comment: '', emptyLayer: false }
  })
  return [...oldestFirst, ...untold].reverse()
}
