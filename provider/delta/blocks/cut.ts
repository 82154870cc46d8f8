import path from 'node:path'
import {
  type DeltaForm,
  type Descriptor,
  type Digest,
  hasCode,
  type LayerDelta,
  splitDigest,
} from '../../../manifests/index.js'
import { digestMismatch } from '../../copy/verified.js'
import type { FileRange } from '../../io/bytes.js'
import { openNew } from '../../io/files/own-file.js'
import { inWords } from '../../io/files/system-errors.js'
import { DeltaWriter, headBytes, readDeltaHead } from './delta-file.js'
import { MOST_STREAM, MOST_TOKENS_A_BYTE } from './match-job.js'
import { compressionIn, tarInFile } from './stream-files.js'
import type { Answers, MatchTask, Stream } from './task.js'
import { Threads } from './threads.js'
import { inWorkFolder } from './work-folder.js'

/** A layer whose blob is in a file on this machine. */
export interface LayerInFile {
  range: FileRange
  digest: Digest
  diffId: Digest
}

export interface DeltaOptions {
  /** A folder of the caller's for temporary files; the result is left in it. */
  scratch: string
  signal?: AbortSignal
  /** Called with the number of bytes of the streams that were processed since the last call. */
  onBytes?(count: number): void
}

export interface CutOptions extends DeltaOptions {
  /** Whether a delta that restores only the plain tar is acceptable if the blob itself cannot be restored. */
  allowTar?: boolean
}

/** A finished delta, whose result was compared with the layer's digest. */
export interface CutDelta {
  /** The delta; the caller may rename the file. */
  file: FileRange
  /** What the document at its beginning says. */
  delta: LayerDelta
  /** Bytes of the stream that are copied from the bases, the number of copies, and bytes that are carried along. */
  copied: number
  copies: number
  literal: number
}

/**
 * Makes a delta: what a layer has that older layers do not. The layer is put together from it before this returns.
 * @returns undefined if the layer can be expressed only as its tar, and that is not allowed
 * @throws ARCHIVE_INVALID if the layer is damaged, DIGEST_MISMATCH if its bytes are not those of its digest, NO_SPACE,
 * INTERRUPTED; nothing is left behind then
 */
export async function cutDelta(
  layer: { range: FileRange; descriptor: Descriptor; diffId: Digest },
  bases: readonly LayerInFile[],
  options: CutOptions,
): Promise<CutDelta | undefined> {
  const older = bases.filter(({ digest }) => digest !== layer.descriptor.digest)
  const [made, file] = await inWorkFolder(options.scratch, 'delta', async (folder) => {
    const cutter = new Cutter({ ...layer, digest: layer.descriptor.digest }, folder, options)
    const compression = await compressionIn(layer.range)
    if (compression === 'gzip') {
      const gzips = await having(older, 'gzip')
      const exact = gzips.length > 0 ? await cutter.cutTokens(gzips) : undefined
      if (exact) return exact
    }
    if (older.length === 0 || (compression !== 'none' && !options.allowTar)) return undefined
    return await cutter.cutTar(older, compression === 'none')
  })
  if (!made) return undefined
  const { delta, copied, copies, literal } = made
  return { file, delta, copied, copies, literal }
}

async function having(bases: readonly LayerInFile[], wanted: string): Promise<LayerInFile[]> {
  const found = await Promise.all(bases.map(async ({ range }) => await compressionIn(range)))
  return bases.filter((_, i) => found[i] === wanted)
}

interface Made {
  made: string
  size: number
  delta: LayerDelta
  copied: number
  copies: number
  literal: number
}

class Cutter {
  constructor(
    private readonly layer: LayerInFile,
    private readonly folder: string,
    private readonly options: CutOptions,
  ) {}

  /** By the tokens of gzip files; undefined if one of them has none. */
  async cutTokens(bases: LayerInFile[]): Promise<Made | undefined> {
    const threads = new Threads(1, this.options.signal)
    try {
      const to = this.place('layer.tokens')
      const { range } = this.layer
      const most = range.size * MOST_TOKENS_A_BYTE + 65536
      const { algorithm } = splitDigest(this.layer.digest)
      const unpacking = threads.run({ type: 'unpack', from: range, to, number: 0, most, algorithm })
      const from = bases.map((base, i) => ({ from: base.range, unpackInto: this.place(`base${i}.tokens`) }))
      const next = { range: { path: to, offset: 0, size: MOST_STREAM }, number: 0 }
      const matched = this.match(threads, 'gzip-tokens', bases, { type: 'match', bases: from, next })
      const [made, { hex, tokensHex = '' }] = await Promise.all([matched, unpacking])
      this.checkDigest(this.layer.digest, range.size, `${algorithm}:${hex}`)
      const streams = from.map(({ unpackInto }, i) => ({
        range: { path: unpackInto, offset: 0, size: made.delta.bases[i]?.streamSize ?? 0 },
      }))
      await this.verify(threads, made, streams, `sha256:${tokensHex}`)
      return made
    } catch (error) {
      if (!hasCode(error, 'ARCHIVE_UNKNOWN')) throw error
      return undefined
    } finally {
      await threads.close()
    }
  }

  async cutTar(bases: LayerInFile[], exact: boolean): Promise<Made> {
    const { signal } = this.options
    const next = tarInFile(this.layer.range, this.place('layer.tar'), signal)
    next.catch(() => {})
    const tars: FileRange[] = []
    for (const [i, { range }] of bases.entries())
      tars.push(await tarInFile(range, this.place(`base${i}.tar`), signal))
    const threads = new Threads(0, signal)
    try {
      const task: MatchTask = {
        type: 'match',
        bases: tars.map((from) => ({ from })),
        next: { range: await next },
      }
      const made = await this.match(threads, 'tar', bases, task, exact)
      const streams = tars.map((range) => ({ range }))
      await this.verify(
        threads,
        made,
        streams,
        made.delta.exact ? made.delta.layer.digest : made.delta.diffId,
      )
      return made
    } finally {
      await next.catch(() => {})
      await threads.close()
    }
  }

  private place(name: string): string {
    return path.join(this.folder, name)
  }

  private async match(
    threads: Threads,
    form: DeltaForm,
    bases: LayerInFile[],
    task: MatchTask,
    exact = true,
  ): Promise<Made> {
    const made = this.place(`${form}.delta`)
    const draft = this.document(form, bases, exact)
    const file = await inWords(`Writing ${made}`, 'destination', () => openNew(made, 0o600))
    try {
      const writer = new DeltaWriter(file, headBytes(draft).length)
      const answer = await threads.run(task, {
        onBytes: this.options.onBytes,
        onNote: (segment) =>
          writer.add(segment).then(
            () => threads.state.taken(),
            (error) => threads.fail(error),
          ),
      })
      const size = await writer.endSegments()
      const delta = this.document(form, bases, exact, answer)
      await writer.writeHead(delta)
      return { made, size, delta, ...answerFacts(answer) }
    } finally {
      await file.close()
    }
  }

  private document(
    form: DeltaForm,
    bases: LayerInFile[],
    exact: boolean,
    answer?: Answers['match'],
  ): LayerDelta {
    const { digest, range, diffId } = this.layer
    return {
      form,
      layer: { digest, size: range.size },
      diffId,
      exact,
      streamSize: answer?.size ?? MOST_STREAM,
      bases: bases.map((base, i) => ({
        digest: base.digest,
        diffId: base.diffId,
        size: base.range.size,
        streamSize: answer?.sizes[i] ?? MOST_STREAM,
      })),
    }
  }

  /** Makes the stream from the delta's file again, as the other side will. */
  private async verify(
    threads: Threads,
    { made, size, delta }: Made,
    bases: Stream[],
    digest: Digest,
  ): Promise<void> {
    const { segments } = await readDeltaHead({ path: made, offset: 0, size })
    const { algorithm } = splitDigest(digest)
    const { streamSize } = delta
    const { hex } = await threads.run(
      { type: 'join', delta: segments, bases, streamSize, pack: false, size: streamSize, algorithm },
      { onBytes: this.options.onBytes },
    )
    this.checkDigest(digest, streamSize, `${algorithm}:${hex}`)
  }

  private checkDigest(digest: Digest, size: number, found: Digest): void {
    if (found !== digest) throw digestMismatch({ digest, size, mediaType: '' }, found, this.layer.range.path)
  }
}

function answerFacts({
  copied,
  copies,
  literal,
}: Answers['match']): Pick<Made, 'copied' | 'copies' | 'literal'> {
  return { copied, copies, literal }
}
