import path from 'node:path'
import { ContainerImageError, type LayerDelta, splitDigest } from '../../../manifests/index.js'
import { digestMismatch } from '../../copy/verified.js'
import type { FileRange } from '../../io/bytes.js'
import { checkSpace } from '../../io/files/space.js'
import type { DeltaOptions, LayerInFile } from './cut.js'
import { readDeltaHead } from './delta-file.js'
import { compressionIn, tarInFile } from './stream-files.js'
import type { JoinTask, Stream } from './task.js'
import { Threads } from './threads.js'
import { inWorkFolder } from './work-folder.js'

/** A layer that was put together and verified. */
export interface JoinedLayer {
  /** The blob, or the plain tar if the delta is not exact; the caller may rename the file. */
  file: FileRange
  delta: LayerDelta
}

/**
 * Makes a layer from its delta and the layers that it needs. The result has the digest that the delta's document names:
 * whoever asked for a layer compares that with the manifest's.
 * @param bases those that are available, in any order; layers that are not needed may be among them
 * @throws DELTA_INVALID, BLOB_MISSING if a base is not among them, DIGEST_MISMATCH, ARCHIVE_INVALID if a base is
 * damaged, NO_SPACE, INTERRUPTED; nothing is left behind then
 */
export async function joinDelta(
  range: FileRange,
  bases: readonly LayerInFile[],
  options: DeltaOptions,
): Promise<JoinedLayer> {
  const { delta, segments } = await readDeltaHead(range)
  const needed = basesOf(delta, bases)
  await checkSpace(options.scratch, spaceToJoin(delta))
  const [, file] = await inWorkFolder(options.scratch, 'layer', async (folder) => {
    const made = path.join(folder, 'result')
    const pack = delta.form === 'gzip-tokens'
    const digest = delta.exact ? delta.layer.digest : delta.diffId
    const { algorithm, hex } = splitDigest(digest)
    const size = pack ? delta.layer.size : delta.streamSize
    const task = {
      ...({ type: 'join', delta: segments, streamSize: delta.streamSize } as const),
      ...{ pack, size, algorithm, to: made },
    }
    const join = new Join(delta, folder, options)
    const answer = pack ? await join.fromTokens(task, needed) : await join.fromTars(task, needed)
    if (answer.hex !== hex)
      throw digestMismatch({ digest, size, mediaType: '' }, `${algorithm}:${answer.hex}`, range.path)
    return { made, size }
  })
  return { file, delta }
}

/** The most disk space that putting together takes, in bytes and with the result. */
export function spaceToJoin(delta: LayerDelta): number {
  const result = delta.exact ? delta.layer.size : delta.streamSize
  return delta.bases.reduce((sum, base) => sum + base.streamSize, result)
}

/** Tokens belong to one blob; a tar is the same however it is compressed. */
function basesOf(delta: LayerDelta, bases: readonly LayerInFile[]): LayerInFile[] {
  return delta.bases.map((needed) => {
    const found =
      bases.find(({ digest }) => digest === needed.digest) ??
      (delta.form === 'tar' ? bases.find(({ diffId }) => diffId === needed.diffId) : undefined)
    if (found) return found
    throw new ContainerImageError('BLOB_MISSING', `A layer that the delta needs is not there.`, {
      side: 'destination',
      expected: needed.digest,
      found: 'other layers',
      remedy: 'Install the image that the delta was made against, or bring the whole image.',
      details: { digest: needed.digest, diffId: needed.diffId },
    })
  })
}

type Rest = Omit<JoinTask, 'bases'>

class Join {
  constructor(
    private readonly delta: LayerDelta,
    private readonly folder: string,
    private readonly options: DeltaOptions,
  ) {}

  /** The bases are turned into tokens one after the other, while another thread reads the tokens. */
  async fromTokens(rest: Rest, bases: LayerInFile[]): Promise<{ hex: string }> {
    const { signal, onBytes } = this.options
    const threads = new Threads(bases.length, signal)
    try {
      const sizes = this.delta.bases.map(({ streamSize }) => streamSize)
      const streams = bases.map((_, number): Stream => {
        const range = {
          path: path.join(this.folder, `base${number}.tokens`),
          offset: 0,
          size: sizes[number] ?? 0,
        }
        return { range, number }
      })
      const unpacking = this.unpackAll(threads, bases, streams)
      const [answer] = await Promise.all([threads.run({ ...rest, bases: streams }, { onBytes }), unpacking])
      return answer
    } finally {
      await threads.close()
    }
  }

  private async unpackAll(threads: Threads, bases: LayerInFile[], streams: Stream[]): Promise<void> {
    for (const [number, { range }] of bases.entries()) {
      const stream = streams[number]
      if (!stream) return
      const { path: to, size: most } = stream.range
      const { size } = await threads.run({ type: 'unpack', from: range, to, number, most })
      if (size !== most) throw otherBase(range, most, size)
    }
  }

  async fromTars(rest: Rest, bases: LayerInFile[]): Promise<{ hex: string }> {
    const { signal, onBytes } = this.options
    const streams: Stream[] = []
    for (const [i, { range }] of bases.entries()) {
      const wanted = this.delta.bases[i]?.streamSize ?? 0
      // A tar that is already there is recognised by its size, before any work.
      if ((await compressionIn(range)) === 'none' && range.size !== wanted)
        throw otherBase(range, wanted, range.size)
      const tar = await tarInFile(range, path.join(this.folder, `base${i}.tar`), signal, wanted)
      if (tar.size !== wanted) throw otherBase(range, wanted, tar.size)
      streams.push({ range: tar })
    }
    const threads = new Threads(0, signal)
    try {
      return await threads.run({ ...rest, bases: streams }, { onBytes })
    } finally {
      await threads.close()
    }
  }
}

function otherBase({ path: file }: FileRange, expected: number, found: number): ContainerImageError {
  return new ContainerImageError(
    'DELTA_INVALID',
    `${file} is not the layer that the delta was made against.`,
    {
      side: 'source',
      expected: `${expected} bytes unpacked`,
      found: `${found}`,
    },
  )
}
