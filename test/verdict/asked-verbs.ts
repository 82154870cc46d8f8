import path from 'node:path'
import { ContainerImageError } from '../../manifests/index.js'
import { find, inspect, install, type LoadRequest, load, save, verify } from '../../provider/index.js'

/** What one verb says of an archive: the digests of the images that it would take, or why it takes none. */
export type Verdict = { images: string[] } | { refuses: string }

export type Verb = 'verify' | 'inspect' | 'find' | 'install' | 'save' | 'load'

export interface Asked {
  file: string
  /** A folder for what the verbs write. */
  scratch: string
}

export function storeIn(scratch: string): string {
  return path.join(scratch, 'store')
}

/** Where containerd is, or no engine at all. */
export type Engine = Pick<LoadRequest, 'engine' | 'engineAddress'> | undefined

/** Asks every verb about one archive. */
export async function verdicts(
  { file, scratch }: Asked,
  engine: Engine,
): Promise<Record<Exclude<Verb, 'load'>, Verdict> & { load?: Verdict }> {
  const store = storeIn(scratch)
  const said = {
    verify: await verdict(async () => {
      const { ok, problems } = await verify({ paths: [file] })
      // Which images there are is for the others to say.
      return ok ? [] : (problems[0]?.message ?? 'no problem')
    }),
    inspect: await verdict(async () => digests(await inspect({ names: [file], store }))),
    find: await verdict(async () => {
      const { images, notes } = await find({ source: file, store })
      return images.length > 0 ? digests(images) : notes.join(' ')
    }),
    install: await verdict(async () => {
      const { images } = await install({ targets: [file], store, allPlatforms: true })
      return digests(images)
    }),
    save: await verdict(async () => {
      const target = path.join(scratch, 'saved.tar')
      return digests((await save({ names: [file], path: target, store, allPlatforms: true })).images)
    }),
  }
  if (!engine) return said
  return {
    ...said,
    load: await verdict(async () =>
      digests((await load({ names: [file], store, ...engine, whatIf: true })).images),
    ),
  }
}

/** What cannot be loaded at all, bytes and all. */
export async function loads({ file, scratch }: Asked, engine: Engine): Promise<Verdict> {
  const request = { names: [file], store: storeIn(scratch), ...engine }
  return await verdict(async () => digests((await load(request)).images))
}

/** @param ask gives the digests of images, or in words why there are none */
async function verdict(ask: () => Promise<string[] | string>): Promise<Verdict> {
  try {
    const answer = await ask()
    return typeof answer === 'string' ? { refuses: answer } : { images: [...new Set(answer)].sort() }
  } catch (error) {
    if (!(error instanceof ContainerImageError)) throw error
    return { refuses: `${error.code}: ${error.message}` }
  }
}

function digests(images: readonly { digest?: string }[] | readonly object[]): string[] {
  return images.map((image) => ('digest' in image ? String(image.digest) : 'no digest'))
}
