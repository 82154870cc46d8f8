import {
  ContainerImageError,
  command,
  type ErrorCode,
  option,
  type Reference,
} from '../../../manifests/index.js'
import { limited, type Said, whatItSays } from '../answer-error.js'
import { remoteRepository } from '../endpoints.js'
import type { HttpAnswer } from '../http.js'

interface Meaning {
  code: ErrorCode
  message: string
  expected?: string
  remedy?: string
}

/**
 * What an answer means that refuses something.
 * @param subject what was to be sent: `blob sha256:...`
 */
export async function refusal(
  answer: HttpAnswer,
  destination: Reference,
  subject: string,
): Promise<ContainerImageError> {
  const said = await whatItSays(answer)
  const { code, message, ...facts } = meaningOf(answer, said, destination, subject)
  return new ContainerImageError(code, said.text ? `${message} It says: ${said.text}` : message, {
    side: 'destination',
    found: `status ${answer.status}`,
    ...facts,
    details: {
      host: answer.url.host,
      status: answer.status,
      ...(said.code ? { registryCode: said.code } : {}),
    },
  })
}

function meaningOf(
  answer: HttpAnswer,
  said: Said,
  { registry, repository }: Reference,
  subject: string,
): Meaning {
  const place = `${registry}/${repository}`
  const scope = `repository:${remoteRepository(registry, repository)}:pull,push`
  if (lacksBlobs(said, subject))
    return {
      code: 'CHANGED_MEANWHILE',
      message: `${registry} does not have all blobs of ${subject} of ${repository}, although it said that it had them.`,
      expected: 'the blobs that were sent, or that it had',
      remedy:
        'Run the command again; if it stays so, ask the people who run the registry to check its storage and its cache.',
    }
  if (said.code === 'DIGEST_INVALID')
    return { code: 'DIGEST_MISMATCH', message: `${registry} got other bytes than were sent for ${subject}.` }
  if (isImmutable(said, subject)) return immutable(registry, repository, subject)
  if (said.code === 'NAME_INVALID')
    return {
      code: 'REGISTRY_ERROR',
      message: `${registry} does not allow a repository ${repository}.`,
      remedy: 'Push it below another prefix or under another name, as that registry wants them.',
    }
  switch (answer.status) {
    case 401:
      return {
        code: 'UNAUTHORIZED',
        message: `${registry} wants credentials that may push to ${place}.`,
        expected: `credentials for the scope ${scope}`,
        remedy: `Log in with ${command('login', registry)} as a user who may push.`,
      }
    case 403:
      return isAboutSpace(said.text) ? full(registry, place) : forbidden(registry, place, scope)
    case 404:
      return {
        code: 'NOT_FOUND',
        message: `${registry} accepts nothing into ${place}: it has no such repository, project or upload.`,
        remedy: 'Make the project there first, or push below another prefix.',
      }
    case 405:
      return {
        code: 'REGISTRY_READ_ONLY',
        message: `${registry} is read-only: it refuses ${subject}.`,
        expected: 'a registry that takes pushes',
      }
    case 413:
      return {
        code: 'REGISTRY_ERROR',
        message: `${subject} is too large for ${registry}, or for a proxy before it.`,
        remedy: 'Have its limit raised; with nginx it is client_max_body_size. Then run the command again.',
      }
    case 429:
      return limited(answer)
    case 507:
      return full(registry, place)
    default:
      return isAboutSpace(said.text)
        ? full(registry, place)
        : {
            code: 'REGISTRY_ERROR',
            message: `${registry} answers with status ${answer.status} and does not take ${subject} of ${repository}.`,
          }
  }
}

/**
 * Whether a manifest is refused because a blob of its is not there. docker-registry says DIGEST_INVALID before it
 * when another push is just writing the link of that blob: it reads the link while it is still empty.
 */
function lacksBlobs({ code, codes }: Said, subject: string): boolean {
  if (code === 'DIGEST_INVALID') return codes.includes('MANIFEST_BLOB_UNKNOWN')
  return code === 'MANIFEST_BLOB_UNKNOWN' || (code === 'BLOB_UNKNOWN' && subject.startsWith('manifest'))
}

/**
 * Of tags that cannot move: ECR has a code of its own, Harbor and others say it in words alone, repositories of files
 * (Nexus, Artifactory) that what is there may not be overwritten, and ACR that something is disallowed on an image.
 */
function isImmutable({ text, code }: Said, subject: string): boolean {
  if (TAKEN.test(code ?? '') || /\bimmutab/i.test(text)) return true
  return tagOf(subject) !== undefined && FIXED.test(text)
}

/** Codes that say it: `ImageTagAlreadyExistsException`, `TAG_ALREADY_EXISTS`, `TAG_LOCKED`. */
const TAKEN = /tag_?(already_?)?(exists|locked|protected)/i

const FIXED =
  /\b(cannot|can not|must not|may not|not allowed to|not permitted to) (be )?(overwr|updat|redeploy|replac)|\b(overwrit|updat|redeploy)\w* .{0,60}not (be )?(allowed|permitted)|\btag .{0,200}\b(is )?(already exists|protected|locked)\b|\btag (already )?exists\b|\bdisallowed on this registry, repository or image\b/i

/** The tag of `manifest 1.0`; undefined for a digest. */
function tagOf(subject: string): string | undefined {
  return /^manifest ([^:]+)$/.exec(subject)?.[1]
}

function immutable(registry: string, repository: string, subject: string): Meaning {
  const tag = tagOf(subject)
  const what =
    tag === undefined ? `and does not take ${subject}` : `and has another image under ${repository}:${tag}`
  const latest = `leave out the tag latest with ${option('noLatest')}`
  return {
    code: 'REGISTRY_ERROR',
    message: `${registry} keeps its tags as they are, ${what}.`,
    remedy:
      tag === 'latest'
        ? `Leave the tag latest there as it is, with ${option('noLatest')}.`
        : `Push it under another version, and ${latest}.`,
  }
}

/** Registries have no code for a quota; Harbor and others only say it in words. */
function isAboutSpace(text: string): boolean {
  return /quota|exceed|no space left|storage limit|insufficient storage/i.test(text)
}

function full(registry: string, place: string): Meaning {
  return {
    code: 'NO_SPACE',
    message: `${registry} has no space left for ${place}.`,
    remedy:
      'Have its quota raised or something removed there, then run the command again; what was sent is kept.',
  }
}

function forbidden(registry: string, place: string, scope: string): Meaning {
  return {
    code: 'UNAUTHORIZED',
    message: `${registry} does not allow a push to ${place}.`,
    expected: `the right to push, scope ${scope}`,
    remedy: `Log in with ${command('login', registry)} as a user who may push there, or ask for the right.`,
  }
}
