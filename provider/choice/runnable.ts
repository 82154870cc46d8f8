import { type ArtifactKind, ContainerImageError, show } from '../../manifests/index.js'
import { command } from '../../manifests/wording.js'
import { type ImageIdentity, labelOf } from '../names/image-names.js'

/** What is known about an image or an artifact when it is chosen. */
interface Told extends ImageIdentity {
  root: { digest: string }
  artifact?: ArtifactKind
}

/**
 * The images among what was chosen: a chart, a signature or a file is not something that an engine can run,
 * nor a tree of files. Each is left out with a note.
 * @param why follows its name: `docker runs images alone`
 * @throws FORMAT_UNFIT if nothing else was chosen
 */
export function runnableOf<T extends Told>(
  chosen: readonly T[],
  why: string,
  note: (line: string) => void,
): T[] {
  const artifacts = chosen.filter(({ artifact }) => artifact !== undefined)
  if (artifacts.length === chosen.length && artifacts.length > 0) throw nothingToRun(artifacts, why)
  for (const one of artifacts) note(leftOut(one, why))
  return chosen.filter(({ artifact }) => artifact === undefined)
}

/** The note about an artifact where only images are taken. */
export function leftOut(artifact: Told, why: string): string {
  return `${inWords(artifact)} and is left out: ${why}.`
}

function nothingToRun(artifacts: Told[], why: string): ContainerImageError {
  const types = artifacts.map(({ artifact }) => artifact?.artifactType)
  return new ContainerImageError('FORMAT_UNFIT', `${artifacts.map(inWords).join('; ')}: ${why}.`, {
    side: 'source',
    expected: 'an image',
    found: types.join(', '),
    remedy: 'Keep it in the store, in an OCI archive or on a media, or push it to a registry.',
  })
}

/**
 * The error for an artifact that is asked for what images alone have.
 * @param lacking what it has none of: `files`
 * @param found what it is, in words
 */
export function notAnImage(label: string, lacking: string, found: string): ContainerImageError {
  return new ContainerImageError('FORMAT_UNFIT', `${show(label)} is not an image, and has no ${lacking}.`, {
    side: 'source',
    expected: 'an image',
    found,
    remedy: `Give an image; ${command('inspect')} shows what this is.`,
  })
}

function inWords(one: Told): string {
  return `${labelOf(one)} is ${withArticle(one.artifact?.kind ?? 'artifact')}`
}

function withArticle(kind: string): string {
  if (kind === 'files') return 'a set of files'
  return `${/^([aeiou]|SBOM)/i.test(kind) ? 'an' : 'a'} ${kind}`
}
