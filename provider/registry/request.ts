import type { Access } from './access.js'
import type { Allowance } from './allowance.js'
import type { HttpRequest } from './http.js'

/** A request to a registry, in the words of the distribution-spec. */
export interface RegistryRequest {
  /** host[:port], or `docker.io`. */
  registry: string
  /** Undefined for what belongs to no repository, such as the catalog. */
  repository?: string
  /** Below `/v2/`, or below `/v2/<repository>/` if there is one: `manifests/latest`. May have a query. */
  path: string
  /** Where the registry itself said to go on (Link, Location); must be of its own origin. Replaces the path. */
  url?: URL
  method?: HttpRequest['method']
  /** What a token is requested for; default: `pull`. */
  actions?: Access['actions']
  /** Another repository of the registry, which the answer may take a blob from. */
  mountFrom?: string
  headers?: Record<string, string>
  body?: HttpRequest['body']
  /** In milliseconds, if an answer may take longer than others. */
  answerTimeout?: number
  /** Not repeated after an answer or failure that may be temporary: it must first be found out what came of it. */
  once?: boolean
  /**
   * For answers that are not essential: repeated once, soon, and not waited for as long as others; with
   * 'retries' the answer itself may take as long as any.
   */
  brief?: boolean | 'retries'
  /** Plain http is allowed to this registry, besides what the client allows. */
  insecure?: boolean
  /** For messages: what is asked for. */
  subject: string
  /** Answers that are returned besides the good ones. */
  accept?: number[]
  /** The allowance of the run that this request belongs to. */
  allowance?: Allowance
  signal?: AbortSignal
}

/** A request to a file on the web, which gets no credentials. */
export interface FileRequest {
  url: URL
  method?: HttpRequest['method']
  headers?: Record<string, string>
  body?: HttpRequest['body']
  answerTimeout?: number
  /** As for a registry. */
  once?: boolean
  insecure?: boolean
  /** For messages: what is asked for. */
  subject: string
  /** Answers that are returned besides the good ones. */
  accept?: number[]
  /** A condition on the URL and on each that it is redirected to; throws if it is not met. */
  allow?: (url: URL) => void
  /** Which addresses may be connected to. */
  reach?: HttpRequest['reach']
  /** The allowance of the run that this request belongs to; a file that is not a document has none. */
  allowance?: Allowance
  signal?: AbortSignal
}
