import { parseJson, refuseLarger } from './document.js'
import { inSpelling } from './go-json.js'
import { isObject, isTexts } from './json-kinds.js'
import { LIMITS } from './limits.js'
import { Findings } from './problems.js'

/** One image in the `manifest.json` of a docker archive (moby image/spec v1.2, "Combined Image JSON"). */
export interface DockerArchiveImage {
  Config: string
  RepoTags: string[] | null
  Layers: string[]
}

/** Whether a `manifest.json` begins like such a list, and is not another program's file of that name. */
export function beginsAsDockerList(start: Uint8Array): boolean {
  return Buffer.from(start).toString('utf8').trimStart().startsWith('[')
}

const DOCUMENT = 'manifest.json of the docker archive'

/**
 * Parses the `manifest.json` of a docker archive. A list that is null or missing is an empty one: docker
 * writes an image without layers or names that way.
 * @throws DOCUMENT_TOO_LARGE, INVALID_DOCUMENT with every problem found
 */
export function parseDockerArchive(bytes: Uint8Array): DockerArchiveImage[] {
  refuseLarger(bytes, DOCUMENT, LIMITS.indexBytes)
  const findings = new Findings(DOCUMENT)
  const value = parseJson(bytes, findings)
  findings.throwIfAny()
  const images = Array.isArray(value) ? value.map((image, i) => readImage(image, `[${i}]`, findings)) : []
  if (!Array.isArray(value)) findings.add('(whole)', 'a list of images', value)
  findings.throwIfAny()
  return images
}

/** An image as the list has it; only usable if it adds nothing to the findings. */
function readImage(value: unknown, where: string, findings: Findings): DockerArchiveImage {
  const image: DockerArchiveImage = { Config: '', RepoTags: null, Layers: [] }
  if (!isObject(value)) {
    findings.add(where, 'an object', value)
    return image
  }
  const { Config, RepoTags, Layers } = inSpelling(value, ['Config', 'RepoTags', 'Layers'], where, findings)
  if (typeof Config === 'string') image.Config = Config
  else findings.add(`${where}.Config`, 'the name of a member', Config)
  if (isTexts(RepoTags)) image.RepoTags = RepoTags
  else if (RepoTags !== undefined && RepoTags !== null)
    findings.add(`${where}.RepoTags`, 'a list of names', RepoTags)
  if (isTexts(Layers)) image.Layers = Layers
  else if (Layers !== undefined && Layers !== null)
    findings.add(`${where}.Layers`, 'a list of members', Layers)
  if (image.Layers.length > LIMITS.layers)
    findings.add(`${where}.Layers`, `at most ${LIMITS.layers} layers`, image.Layers.length)
  return image
}
