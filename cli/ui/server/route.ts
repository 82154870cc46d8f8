import type { IncomingMessage, ServerResponse } from 'node:http'
import { ContainerImageError, VERSION } from '../../../manifests/index.js'
import type { CommonOptions, NetworkOptions } from '../../../provider/index.js'
import { type About, LONG_ACTIONS, type LongAction } from '../protocol/actions.js'
import type { Action, Surroundings } from './actions/action.js'
import { Fields } from './actions/fields.js'
import { ACTIONS } from './actions/table.js'
import { sendError, sendJson, sendPage, sendRefusal } from './answer.js'
import { readJson } from './body.js'
import type { Downloads, Wanted } from './downloads.js'
import { sendEvents } from './events.js'
import type { Jobs } from './jobs.js'
import { type Door, refusalOf, tokenRefusal } from './refusals.js'
import type { Uploads } from './uploads.js'

/** What is needed to answer requests. */
export interface Window {
  door: Door
  common: CommonOptions & NetworkOptions
  allowsChanges: boolean
  jobs: Jobs
  uploads: Uploads
  downloads: Downloads
  /** How long a request may take to arrive, in milliseconds. */
  patienceMs: number
}

const ACTION = /^\/api\/([a-zA-Z]+)$/
const DOWNLOAD = /^\/download\/([\w-]+)$/
const JOB = /^\/api\/jobs\/([0-9a-f-]{36})\/(events|cancel)$/

/** Answers one request; never throws. */
export async function answer(
  window: Window,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { method = '', url = '' } = request
    const refusal = refusalOf(request, window.door)
    if (refusal) return sendRefusal(response, refusal)
    const [, ticket] = DOWNLOAD.exec(url) ?? []
    if (ticket !== undefined && method === 'GET') {
      const common = { ...window.common, signal: whileWaiting(response) }
      if (!(await window.downloads.send(ticket, common, response))) notFound(response)
      return
    }
    if (!url.startsWith('/api/')) return page(method, url, request, response)
    const denied = tokenRefusal(request, window.door)
    if (denied) return sendRefusal(response, denied)
    await ask(window, method, url, request, response)
  } catch (error) {
    sendError(response, error)
  }
}

function page(method: string, url: string, request: IncomingMessage, response: ServerResponse): void {
  const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  if (method !== 'GET' && method !== 'HEAD') notAllowed(response, 'GET')
  else if (!sendPage(response, url, takesGzip)) notFound(response)
}

async function ask(
  window: Window,
  method: string,
  url: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, id = '', what = ''] = JOB.exec(url) ?? []
  if (what === 'events') {
    if (method !== 'GET') return notAllowed(response, 'GET')
    if (!sendEvents(window.jobs, id, response)) notFound(response)
    return
  }
  if (method !== 'POST') return notAllowed(response, 'POST')
  if (what === 'cancel') return window.jobs.cancel(id) ? sendJson(response, {}) : notFound(response)
  const signal = whileWaiting(response)
  const [, name = ''] = ACTION.exec(url) ?? []
  if (name === 'upload')
    return sendJson(response, await window.uploads.receive(request, window.patienceMs, signal))
  const body = await readJson(request, window.patienceMs)
  const fields = Fields.of(body)
  if (name === 'about') return sendJson(response, about(window))
  if (name === 'jobs') return sendJson(response, window.jobs.list())
  if (name === 'ticket') return sendJson(response, { path: window.downloads.ticket(wanted(window, fields)) })
  if (name === 'discard') {
    await window.uploads.discard(fields.required('path'))
    return sendJson(response, {})
  }
  const action = ACTIONS.get(name)
  if (!action) return notFound(response)
  checkAllowed(window, action, fields)
  const run = (common: CommonOptions): Promise<unknown> =>
    action.run(fields, surroundings(window, { ...window.common, ...common }))
  if (isLong(name)) return sendJson(response, window.jobs.start(name, body, run))
  sendJson(response, await run({ signal }))
}

/** Once the page has moved on, nobody is waiting for an answer any more. */
function whileWaiting(response: ServerResponse): AbortSignal {
  const controller = new AbortController()
  response.once('close', () =>
    controller.abort(new ContainerImageError('INTERRUPTED', 'The page does not wait any more.')),
  )
  return controller.signal
}

function surroundings(window: Window, common: CommonOptions & NetworkOptions): Surroundings {
  return {
    common,
    store: window.common.store,
    allowsChanges: window.allowsChanges,
    pathOf: (text) => window.uploads.pathOf(text),
  }
}

/** @throws USAGE if a window that only reads is asked to write */
function checkAllowed({ allowsChanges }: Window, action: Action, fields: Fields): void {
  if (allowsChanges || !action.changes?.(fields)) return
  throw new ContainerImageError('USAGE', 'This window only looks; nothing can be changed here.', {
    remedy: 'Open it with --allow-changes.',
  })
}

function about({ allowsChanges, common }: Window): About {
  return {
    version: VERSION,
    allowsChanges,
    store: common.store,
    inside: ['files', 'packages', 'vulnerabilities'],
  }
}

/** The file of an image for which a ticket is issued. */
function wanted({ uploads }: Window, fields: Fields): Wanted {
  return {
    name: uploads.pathOf(fields.required('name')),
    platform: fields.text('platform'),
    path: fields.required('path'),
  }
}

function isLong(name: string): name is LongAction {
  return LONG_ACTIONS.some((one) => one === name)
}

function notAllowed(response: ServerResponse, allowed: string): void {
  response.setHeader('allow', allowed)
  sendRefusal(response, { status: 405, message: `Only ${allowed} is answered here.` })
}

function notFound(response: ServerResponse): void {
  sendRefusal(response, { status: 404, message: 'There is nothing here.' })
}
