import {
  type ActionName,
  type AnswerOf,
  type Failure,
  type Job,
  type JobEvent,
  type LongAction,
  NAME_HEADER,
  type RequestOf,
  TOKEN_HEADER,
  type Uploaded,
} from '../../protocol/actions.js'

const KEPT = 'token'

/** An error of the program, as the command line tells it. */
export class Failed extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message)
  }
}

/**
 * Removes the token from the address, so that it is in no history and no bookmark. It stays with this tab, for when the
 * page is reloaded; other origins and ports have their own storage.
 */
export function takeToken(): void {
  const given = /^#token=([\w-]+)$/.exec(location.hash)?.[1]
  if (given === undefined) return
  sessionStorage.setItem(KEPT, given)
  history.replaceState(null, '', '/#/images')
}

export async function ask<Name extends Exclude<ActionName, LongAction>>(
  action: Name,
  request: RequestOf<Name>,
  signal?: AbortSignal,
): Promise<AnswerOf<Name>> {
  return (await post(`/api/${action}`, request, signal)) as AnswerOf<Name>
}

export async function start<Name extends LongAction>(action: Name, request: RequestOf<Name>): Promise<Job> {
  return (await post(`/api/${action}`, request)) as Job
}

/** Those that are running, and the last ones that have ended. */
export async function earlierJobs(): Promise<Job[]> {
  return (await post('/api/jobs', {})) as Job[]
}

export async function cancel(id: string): Promise<void> {
  await post(`/api/jobs/${id}/cancel`, {})
}

export async function discard(path: string): Promise<void> {
  await post('/api/discard', { path })
}

/** Sends a file while it is read from the disk. */
export async function upload(file: File, signal: AbortSignal): Promise<Uploaded> {
  const response = await send('/api/upload', {
    method: 'POST',
    signal,
    headers: {
      ...token(),
      'content-type': 'application/octet-stream',
      [NAME_HEADER]: encodeURIComponent(file.name),
    },
    body: file,
  })
  return (await response.json()) as Uploaded
}

/** Makes the browser fetch one file of an image and keep it. */
export async function download(name: string, path: string): Promise<void> {
  const ticket = (await post('/api/ticket', { name, path })) as { path: string }
  const link = document.createElement('a')
  link.href = ticket.path
  link.download = ''
  link.click()
}

/** Reports what happens to a job until it has ended. An EventSource could not send the header with the token. */
export async function watch(id: string, onEvent: (event: JobEvent) => void): Promise<void> {
  const response = await send(`/api/jobs/${id}/events`, { headers: token() })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    const messages = (rest + next.value).split('\n\n')
    rest = messages.pop() ?? ''
    for (const message of messages)
      if (message.startsWith('data: ')) onEvent(JSON.parse(message.slice('data: '.length)) as JobEvent)
  }
}

async function post(path: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
  const response = await send(path, {
    method: 'POST',
    signal: signal ?? null,
    headers: { ...token(), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return await response.json()
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, init).catch((error: unknown) => {
    if (init.signal?.aborted) throw error
    throw new Failed({ code: 'GONE', message: '' })
  })
  if (response.ok) return response
  const answer = (await response.json().catch(() => ({}))) as { error?: Failure }
  throw new Failed(answer.error ?? { code: 'UNEXPECTED', message: response.statusText })
}

function token(): Record<string, string> {
  return { [TOKEN_HEADER]: sessionStorage.getItem(KEPT) ?? '' }
}
