import { parseJson } from './document.js'
import { ContainerImageError } from './errors.js'
import { LIMITS } from './limits.js'
import { Findings } from './problems.js'

/** One image in the `manifest.json` of a docker archive (moby image/spec v1.2, "Combined Image JSON"). */
export interface DockerArchiveImage {
  Config: string
  RepoTags: string[] | null
  Layers: string[]
}

/** @throws DOCUMENT_TOO_LARGE, INVALID_DOCUMENT with every problem found */
export function parseDockerArchive(bytes: Uint8Array): DockerArchiveImage[] {
  if (bytes.length > LIMITS.indexBytes)
    throw new ContainerImageError('DOCUMENT_TOO_LARGE', `manifest.json has ${bytes.length} bytes.`, {
      expected: `at most ${LIMITS.indexBytes} bytes`,
      found: bytes.length,
    })
  const findings = new Findings('manifest.json of the docker archive')
  const value = parseJson(bytes, findings)
  findings.throwIfAny()
  if (!Array.isArray(value)) findings.add('(whole)', 'a list of images', value)
  else value.forEach((image, i) => void checkImage(image, `[${i}]`, findings))
  findings.throwIfAny()
  return value as DockerArchiveImage[]
}

function checkImage(value: unknown, where: string, findings: Findings): void {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    findings.add(where, 'an object', value)
    return
  }
  const image = value as Record<string, unknown>
  if (typeof image.Config !== 'string') findings.add(`${where}.Config`, 'the name of a member', image.Config)
  if (!isTexts(image.Layers)) findings.add(`${where}.Layers`, 'a list of members', image.Layers)
  if (image.RepoTags !== undefined && image.RepoTags !== null && !isTexts(image.RepoTags))
    findings.add(`${where}.RepoTags`, 'a list of names', image.RepoTags)
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((v) => typeof v === 'string')
}
