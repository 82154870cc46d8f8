import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { WebSocket } from 'undici'
import { peer } from './peers.js'

/** Debian's Firefox without a window, driven as WebDriver BiDi says (W3C). */
export interface Firefox {
  /** Goes to an address and waits until it has loaded. */
  goTo(address: string): Promise<void>
  /** The value of an expression, once it is neither false, null nor undefined. */
  until(expression: string): Promise<unknown>
  stop(): Promise<void>
}

const PATIENCE_MS = 300_000
const STEP_MS = 100
const LISTENING = /WebDriver BiDi listening on (ws:\/\/127\.0\.0\.1:\d+)/

/** Nothing that it would ask the network for by itself. */
const PREFERENCES = {
  'app.update.enabled': false,
  'browser.safebrowsing.downloads.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'http://127.0.0.1:9/',
  'toolkit.telemetry.enabled': false,
}

/** @param folder for its profile */
export async function startFirefox(folder: string): Promise<Firefox> {
  const preferences = Object.entries(PREFERENCES).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  )
  writeFileSync(path.join(folder, 'user.js'), preferences.join('\n'))
  const child = spawn(
    peer('firefox-esr') ?? '',
    ['--headless', '--no-remote', '--profile', folder, '--remote-debugging-port', '0', 'about:blank'],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: folder } },
  )
  const session = await Session.open(`${await addressOf(child)}/session`)
  await session.send('session.new', { capabilities: {} })
  const { contexts } = (await session.send('browsingContext.getTree', {})) as {
    contexts: { context: string }[]
  }
  const context = contexts[0]?.context ?? ''
  const value = async (expression: string): Promise<unknown> => {
    const answer = (await session.send('script.evaluate', {
      expression: `JSON.stringify((${expression}) ?? null)`,
      target: { context },
      awaitPromise: true,
    })) as { type: string; result?: { value?: string }; exceptionDetails?: { text: string } }
    if (answer.type !== 'success') throw new Error(answer.exceptionDetails?.text)
    return JSON.parse(answer.result?.value ?? 'null')
  }
  return {
    goTo: async (url) =>
      void (await session.send('browsingContext.navigate', { context, url, wait: 'complete' })),
    async until(expression) {
      for (let waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
        const found = await value(expression)
        if (found !== null && found !== false) return found
        await new Promise((resolve) => setTimeout(resolve, STEP_MS))
      }
      throw new Error(`it never came: ${expression}; ${await value('document.body.innerText')}`)
    },
    async stop() {
      session.close()
      if (child.exitCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
    },
  }
}

async function addressOf(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const chunk of child.stderr ?? []) {
    text += chunk
    const address = LISTENING.exec(text)?.[1]
    if (address === undefined) continue
    // Whatever else it says must not fill the pipe.
    child.stderr?.resume()
    return address
  }
  throw new Error(`Firefox does not start: ${text}`)
}

/** Commands and their answers over one socket. */
class Session {
  private next = 1
  private readonly waiting = new Map<number, (message: Message) => void>()

  private constructor(private readonly socket: WebSocket) {
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as Message
      this.waiting.get(message.id ?? 0)?.(message)
    })
  }

  static async open(address: string): Promise<Session> {
    const socket = new WebSocket(address)
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve())
      socket.addEventListener('error', () => reject(new Error(`${address} does not answer`)))
    })
    return new Session(socket)
  }

  async send(method: string, params: unknown): Promise<unknown> {
    const id = this.next++
    const answer = new Promise<Message>((resolve) => this.waiting.set(id, resolve))
    this.socket.send(JSON.stringify({ id, method, params }))
    const { type, result, error, message } = await answer
    this.waiting.delete(id)
    if (type === 'error') throw new Error(`${method}: ${error}: ${message}`)
    return result
  }

  close(): void {
    this.socket.close()
  }
}

interface Message {
  id?: number
  type: 'success' | 'error' | 'event'
  result?: unknown
  error?: string
  message?: string
}
