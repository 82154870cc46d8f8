import type http from 'node:http'
import { ContainerImageError, interrupted, option, show } from '../../../manifests/index.js'
import { shallowJson } from '../../../manifests/json-structure.js'

/** A list of all images of a large host has some megabytes. */
const ANSWER_LIMIT = 256 * 1024 * 1024

/** What an engine answered, whole. */
export interface Answer {
  status: number
  body: string
}

/** The body of an answer. @throws ENGINE_REFUSED if it does not end */
export async function textOf(response: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let length = 0
  for await (const chunk of response) {
    parts.push(chunk as Buffer)
    length += (chunk as Buffer).length
    if (length > ANSWER_LIMIT)
      throw new ContainerImageError('ENGINE_REFUSED', 'The answer of the engine does not end.', {
        side: 'destination',
        expected: `at most ${ANSWER_LIMIT} bytes`,
        found: 'more',
      })
  }
  return Buffer.concat(parts, length).toString('utf8')
}

/** The value of a JSON document. @throws ENGINE_REFUSED if it is not JSON */
export function jsonOf(answer: Answer, label: string): unknown {
  try {
    return shallowJson(answer.body)
  } catch (error) {
    throw notDocker(label, show(answer.body.slice(0, 80)), error)
  }
}

/**
 * The lines with which the daemon reports long work; an error among them counts, whatever the status says
 * (moby, api/swagger.yaml, "ErrorDetail").
 * @throws ENGINE_REFUSED, NO_SPACE
 */
export function reportOf(answer: Answer, label: string): { stream?: string; status?: string }[] {
  const lines = answer.body.split(/\r?\n/).filter((line) => line.trim() !== '')
  return lines.map((line) => {
    const report = jsonOf({ ...answer, body: line }, label) as {
      stream?: string
      status?: string
      error?: string
      errorDetail?: { message?: string }
    }
    const error = report.errorDetail?.message ?? report.error
    if (error !== undefined) throw refused(label, error)
    return report
  })
}

/** What an answer with a status of 400 or more says. */
export function refusalOf(answer: Answer, label: string): ContainerImageError {
  let message = answer.body.trim()
  try {
    const said = JSON.parse(answer.body) as { message?: unknown }
    if (typeof said.message === 'string') message = said.message
  } catch {
    // A proxy in between answers with a web page.
  }
  return refused(label, message || `status ${answer.status}`, answer.status)
}

function refused(label: string, message: string, status?: number): ContainerImageError {
  const facts = { side: 'destination', found: show(message.slice(0, 500)), details: { status } } as const
  if (/no space left on device|disk quota exceeded|not enough space/i.test(message))
    return new ContainerImageError('NO_SPACE', `${label}: the disk of the engine is full.`, {
      ...facts,
      remedy: 'Free some space there, for example with `docker image prune`, then run the command again.',
    })
  return new ContainerImageError('ENGINE_REFUSED', `${label} refused it: ${message.slice(0, 500)}`, facts)
}

/** Something that listens there but is not docker. */
export function notDocker(label: string, found: string, cause?: unknown): ContainerImageError {
  return new ContainerImageError('ENGINE_REFUSED', `${label} answers with what is not docker's protocol.`, {
    side: 'destination',
    expected: 'an answer of the Docker Engine API',
    found,
    remedy: 'Check the address: something else listens there, or a proxy in between answers.',
    cause,
  })
}

const starting = (): string =>
  `Start docker (\`systemctl start docker\`), or give its address with ${option('engineAddress')}.`

/** An error of the connection in our words. */
export function connectionError(error: unknown, label: string): unknown {
  if (error instanceof ContainerImageError) return error
  const { code = '', message, name } = error as NodeJS.ErrnoException
  if (name === 'AbortError') return interrupted(error)
  if (code.startsWith('HPE_')) return notDocker(label, show(message), error)
  const [words, remedy] = lossOf(code, message)
  return new ContainerImageError('ENGINE_UNREACHABLE', `${label}: ${words}.`, {
    side: 'destination',
    expected: 'a docker daemon that answers',
    found: code || message,
    remedy,
    cause: error,
  })
}

function lossOf(code: string, message: string): [words: string, remedy: string] {
  switch (code) {
    case 'ENOENT':
      return ['there is no such socket', starting().replace('Start docker', 'Install and start docker')]
    case 'ECONNREFUSED':
      return ['nothing listens there', starting()]
    case 'EACCES':
    case 'EPERM':
      return ['this user may not connect', 'Run the command as root, or as a member of the group docker.']
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return [`the host cannot be reached (${code})`, 'Check the address and the network.']
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ERR_STREAM_PREMATURE_CLOSE':
    case 'ERR_STREAM_DESTROYED':
      return [
        'the engine ended in the middle',
        'See why in its log, start it again (`systemctl start docker`), then run the command again; the layers that it took whole are kept.',
      ]
    default:
      return [`the connection failed (${message})`, starting()]
  }
}
