/** One step of how an image was built. */
export interface Step {
  created: string
  createdBy: string
  comment: string
  emptyLayer: boolean
}

/** What is read from an image's documents; anything of another form counts as missing. */
export interface ImageFacts {
  layers: Layer[]
  diffIds: string[]
  settings: Settings
  base?: string | undefined
}

export interface Layer {
  digest: string
  size: number
  mediaType: string
}

/** Settings from the config, under the names that the page has for them. */
export interface Settings {
  entrypoint: string[]
  command: string[]
  user: string
  workdir: string
  environment: string[]
  ports: string[]
  volumes: string[]
  labels: string[]
  stopSignal: string
}

export function factsOf(manifest: unknown, config: unknown): ImageFacts {
  const run = object(object(config).config)
  return {
    layers: list(object(manifest).layers).map((layer) => {
      const { digest, size, mediaType } = object(layer)
      return { digest: text(digest), size: typeof size === 'number' ? size : 0, mediaType: text(mediaType) }
    }),
    diffIds: list(object(object(config).rootfs).diff_ids).map(text),
    settings: {
      entrypoint: list(run.Entrypoint).map(text),
      command: list(run.Cmd).map(text),
      user: text(run.User),
      workdir: text(run.WorkingDir),
      environment: list(run.Env).map(text),
      ports: Object.keys(object(run.ExposedPorts)),
      volumes: Object.keys(object(run.Volumes)),
      labels: Object.entries(object(run.Labels)).map(([key, value]) => `${key}=${text(value)}`),
      stopSignal: text(run.StopSignal),
    },
    // image-spec, annotations.md.
    base: text(object(object(manifest).annotations)['org.opencontainers.image.base.name']) || undefined,
  }
}

/** A step beside the layer that it made, the lowest first; layers that no step mentions come last. */
export interface StepOfLayer {
  step?: Step | undefined
  layer?: Layer | undefined
}

/** @param steps newest first */
export function stepsWithLayers(steps: Step[], layers: Layer[]): StepOfLayer[] {
  const left = [...layers]
  const made = steps
    .toReversed()
    .map((step): StepOfLayer => ({ step, layer: step.emptyLayer ? undefined : left.shift() }))
  return [...made, ...left.map((layer) => ({ layer }))]
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
