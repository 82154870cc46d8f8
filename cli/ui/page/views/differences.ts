import type { ImageFacts, Layer, Settings } from '../../../../provider/shown/index.js'

export interface LayerPair {
  layer: Layer
  where: 'shared' | 'onlyA' | 'onlyB'
}

export interface Difference {
  setting: keyof Settings
  a: string[]
  b: string[]
}

/**
 * Layers are the same if their content is: they are compared by their diff ids if both images state them, since the
 * same content may be compressed in two ways.
 */
export function layerPairs(a: ImageFacts, b: ImageFacts): LayerPair[] {
  const [ofA, ofB] = [identities(a), identities(b)]
  const [inA, inB] = [new Set(ofA), new Set(ofB)]
  return [
    ...a.layers.map((layer, i): LayerPair => ({ layer, where: inB.has(ofA[i] ?? '') ? 'shared' : 'onlyA' })),
    ...b.layers.flatMap((layer, i): LayerPair[] =>
      inA.has(ofB[i] ?? '') ? [] : [{ layer, where: 'onlyB' }],
    ),
  ]
}

function identities({ layers, diffIds }: ImageFacts): string[] {
  return layers.map(({ digest }, i) => diffIds[i] ?? digest)
}

/** The settings in which two images differ; for lists, only what the other one does not have. */
export function differences(a: Settings, b: Settings): Difference[] {
  return (Object.keys(a) as (keyof Settings)[]).flatMap((setting) => {
    const [ofA, ofB] = [[a[setting]].flat(), [b[setting]].flat()]
    if (JSON.stringify(ofA) === JSON.stringify(ofB)) return []
    const isWhole = setting === 'entrypoint' || setting === 'command'
    const onlyA = isWhole ? ofA : ofA.filter((one) => !ofB.includes(one))
    const onlyB = isWhole ? ofB : ofB.filter((one) => !ofA.includes(one))
    return [{ setting, a: onlyA.filter(Boolean), b: onlyB.filter(Boolean) }]
  })
}
