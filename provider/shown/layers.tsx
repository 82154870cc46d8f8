/** @jsxRuntime classic */
/** @jsx element */
/** @jsxFrag Pieces */
import { short, size } from './amounts.js'
import { type Child, element, Pieces } from './element.js'
import { type Layer, type Step, stepsWithLayers } from './image-facts.js'
import { Table } from './table.js'
import { word } from './words/words.js'

export interface LayersProps {
  /** Newest first. */
  steps: Step[]
  layers: Layer[]
  /** How a time is shown; as it is written if left out. */
  time?(written: string): string
  /** Shows digests, types and numbers of bytes in full, for comparing them with other lists. */
  isInFull?: boolean
}

/** Each step beside the layer that it made, the newest first. */
export function LayersTable({ steps, layers, time = (written) => written, isInFull = false }: LayersProps) {
  const largest = Math.max(1, ...layers.map((layer) => layer.size))
  return (
    <>
      {steps.length === 0 && <p class="faint">{word('noHistory')}</p>}
      <Table
        label={word('layers')}
        columns={[
          {
            key: 'step',
            label: word('step'),
            cell: ({ step }) => <code class="step">{said(step) || '–'}</code>,
          },
          {
            key: 'created',
            label: word('created'),
            cell: ({ step }) => (step?.created ? time(step.created) : '–'),
          },
          { key: 'layer', label: word('layer'), cell: ({ layer }) => nameOf(layer, isInFull) },
          {
            key: 'size',
            label: word('size'),
            isNumber: true,
            cell: ({ layer }) => layer && sizeOf(layer, largest, isInFull),
          },
        ]}
        rows={stepsWithLayers(steps, layers).reverse()}
      />
    </>
  )
}

function said({ createdBy = '', comment = '' }: Partial<Step> = {}): string {
  return [createdBy, comment].filter((text) => text !== '').join(' # ')
}

function nameOf(layer: Layer | undefined, isInFull: boolean): Child {
  if (!layer) return <span class="faint">{word('noLayer')}</span>
  if (!isInFull) return <code title={layer.digest}>{short(layer.digest)}</code>
  return (
    <>
      <code>{layer.digest}</code>
      <small class="below">{layer.mediaType}</small>
    </>
  )
}

function sizeOf({ size: bytes }: Layer, largest: number, isInFull: boolean): Child {
  return (
    <>
      <span class="sized">
        <meter min={0} max={largest} value={bytes} aria-label={word('share')} />
        <span>{size(bytes)}</span>
      </span>
      {isInFull && <small class="below">{word('bytes', { n: bytes })}</small>}
    </>
  )
}
