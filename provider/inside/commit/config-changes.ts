import path from 'node:path'
import { ContainerImageError, type ImageConfig, show } from '../../../manifests/index.js'
import { instructionText, instructionWords, type Variables, wordsAsWritten } from './instruction-words.js'

type RunSettings = NonNullable<ImageConfig['config']>

/** The instructions so far: an ENTRYPOINT removes the image's own CMD, but not one set by these changes. */
interface State {
  run: RunSettings
  isCmdSaid: boolean
}

type Instruction = (state: State, rest: string) => void

/** Those of `docker commit --change` (dockerd, builder/dockerfile, `validCommitCommands`), but for ONBUILD. */
const INSTRUCTIONS: Record<string, Instruction> = {
  CMD(state, rest) {
    state.run.Cmd = commandOf(state.run, rest)
    state.isCmdSaid = true
  },
  ENTRYPOINT(state, rest) {
    state.run.Entrypoint = commandOf(state.run, rest)
    if (!state.isCmdSaid) delete state.run.Cmd
  },
  ENV({ run }, rest) {
    const env = new Map((run.Env ?? []).map((one) => [one.split('=', 1)[0] ?? '', one]))
    for (const [name, value] of pairsOf('ENV', rest, variablesOf(run))) env.set(name, `${name}=${value}`)
    run.Env = [...env.values()]
  },
  LABEL({ run }, rest) {
    run.Labels = { ...run.Labels, ...Object.fromEntries(pairsOf('LABEL', rest, variablesOf(run))) }
  },
  USER({ run }, rest) {
    run.User = oneText('USER', rest, run)
  },
  WORKDIR({ run }, rest) {
    run.WorkingDir = path.posix.resolve(run.WorkingDir || '/', oneText('WORKDIR', rest, run))
  },
  EXPOSE({ run }, rest) {
    const ports = instructionWords(rest, variablesOf(run)).flatMap(portsOf)
    if (ports.length === 0) throw unfit('EXPOSE', rest, 'one or more ports, such as 80 or 53/udp')
    run.ExposedPorts = {
      ...objectOf(run.ExposedPorts),
      ...Object.fromEntries(ports.map((port) => [port, {}])),
    }
  },
  VOLUME({ run }, rest) {
    const folders = (listOf(rest) ?? instructionWords(rest, variablesOf(run))).filter(
      (one) => one.trim() !== '',
    )
    if (folders.length === 0) throw unfit('VOLUME', rest, 'one or more folders')
    run.Volumes = { ...objectOf(run.Volumes), ...Object.fromEntries(folders.map((folder) => [folder, {}])) }
  },
  STOPSIGNAL({ run }, rest) {
    const signal = oneText('STOPSIGNAL', rest, run)
    if (!/^(SIG[A-Z0-9+-]+|[A-Z][A-Z0-9+-]+|\d{1,2})$/.test(signal))
      throw unfit('STOPSIGNAL', rest, 'the name or number of a signal')
    run.StopSignal = signal
  },
  HEALTHCHECK({ run }, rest) {
    run.Healthcheck = healthcheckOf(rest)
  },
}

/**
 * The settings of an image with changes, each a Dockerfile instruction: `CMD ["nginx"]`, `ENV A=b`.
 * @throws USAGE for anything else
 */
export function withChanges(run: ImageConfig['config'], changes: readonly string[]): RunSettings {
  const state: State = { run: structuredClone(run ?? {}), isCmdSaid: false }
  for (const change of changes) {
    const [, name = '', rest = ''] = /^\s*(\S+)\s*([\s\S]*)$/.exec(change) ?? []
    const instruction = INSTRUCTIONS[name.toUpperCase()]
    if (name.toUpperCase() === 'ONBUILD') throw onBuild(change)
    if (!instruction || !Object.hasOwn(INSTRUCTIONS, name.toUpperCase())) throw unknown(change)
    instruction(state, rest.trim())
  }
  return state.run
}

/** A list in JSON is taken as it is, anything else is for the shell ("Shell and exec form" of the Dockerfile reference). */
function commandOf(run: RunSettings, rest: string): string[] | undefined {
  const list = listOf(rest)
  if (list) return list.length > 0 ? list : undefined
  if (rest === '') return undefined
  return [...shellOf(run), rest]
}

function shellOf({ Shell: shell }: RunSettings): string[] {
  return isTexts(shell) && shell.length > 0 ? shell : ['/bin/sh', '-c']
}

/** Undefined for anything but a JSON list of texts: docker then reads it as words. */
function listOf(rest: string): string[] | undefined {
  if (!rest.startsWith('[')) return undefined
  try {
    const list: unknown = JSON.parse(rest)
    return isTexts(list) ? list : undefined
  } catch {
    return undefined
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function variablesOf({ Env: env }: RunSettings): Variables {
  return new Map((env ?? []).map((one) => [one.split('=', 1)[0] ?? '', one.slice(one.indexOf('=') + 1)]))
}

/**
 * `a=b "c d"='e f'`, or the older form of one name and all that follows it. Which of them it is, and where a
 * name ends, is decided before quotes are removed (BuildKit, frontend/dockerfile/parser, `parseNameVal`).
 * Names must have letters: those of labels are of annotations (image-spec, annotations.md, "Rules").
 */
function pairsOf(instruction: string, rest: string, variables: Variables): [name: string, value: string][] {
  const [first = '', ...others] = wordsAsWritten(rest)
  const written = first.includes('=') ? [first, ...others].map(splitAtEquals) : [nameAndRest(rest)]
  return written.map((pair) => {
    const [name = '', value = ''] = pair?.map((part) => instructionText(part, variables)) ?? []
    if (name === '') throw unfit(instruction, rest, 'NAME=VALUE, with quotes where one of them has blanks')
    return [name, value]
  })
}

type WrittenPair = readonly [name: string, value: string]

function splitAtEquals(word: string): WrittenPair | undefined {
  const at = word.indexOf('=')
  return at > 0 ? [word.slice(0, at), word.slice(at + 1)] : undefined
}

function nameAndRest(text: string): WrittenPair | undefined {
  const [, name, rest] = /^(\S+)\s+([\s\S]+)$/.exec(text) ?? []
  return name !== undefined && rest !== undefined ? [name, rest] : undefined
}

function oneText(instruction: string, rest: string, run: RunSettings): string {
  const text = instructionText(rest, variablesOf(run))
  if (text === '') throw unfit(instruction, rest, 'one value')
  return text
}

const MOST_PORT = 65535

/** `80`, `53/udp`, `8000-8010/tcp`. */
function portsOf(text: string): string[] {
  const [, from, to = from, protocol = 'tcp'] =
    /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(text) ?? []
  const [first, last] = [Number(from), Number(to)]
  if (from === undefined || first < 1 || last > MOST_PORT || last < first)
    throw unfit('EXPOSE', text, 'a port such as 80, 53/udp or 8000-8010')
  return Array.from({ length: last - first + 1 }, (_, i) => `${first + i}/${protocol.toLowerCase()}`)
}

const NANOSECONDS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 }
const TIMES: Record<string, string> = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
}

/** As docker keeps it in the config: `Test`, times in nanoseconds, `Retries`. */
function healthcheckOf(rest: string): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  let left = rest
  for (;;) {
    const [whole, name = '', value = ''] = /^--([a-z-]+)=(\S+)\s*/.exec(left) ?? []
    if (whole === undefined) break
    const key = TIMES[name]
    if (key) found[key] = durationOf(value)
    else if (name === 'retries' && /^\d{1,9}$/.test(value)) found.Retries = Number(value)
    else
      throw unfit('HEALTHCHECK', rest, '--interval, --timeout, --start-period, --start-interval or --retries')
    left = left.slice(whole.length)
  }
  if (/^none$/i.test(left) && Object.keys(found).length === 0) return { Test: ['NONE'] }
  const [, command = ''] = /^cmd\s+([\s\S]+)$/i.exec(left) ?? []
  if (command === '') throw unfit('HEALTHCHECK', rest, 'NONE, or options and CMD with a command')
  const list = listOf(command)
  return { ...found, Test: list ? ['CMD', ...list] : ['CMD-SHELL', command] }
}

/** Go's way to write a time: `30s`, `1m30s` (time.ParseDuration). */
function durationOf(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)]
  if (parts.map(([part]) => part).join('') !== text || text === '')
    throw unfit('HEALTHCHECK', text, 'a time such as 30s or 1m30s')
  return Math.round(
    parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (NANOSECONDS[unit] ?? 0), 0),
  )
}

function unfit(instruction: string, found: string, expected: string): ContainerImageError {
  return new ContainerImageError('USAGE', `${instruction} ${show(found)} is not understood.`, {
    expected,
    found: show(found),
    remedy: 'Write it as in a Dockerfile.',
  })
}

function unknown(change: string): ContainerImageError {
  return new ContainerImageError('USAGE', `${show(change)} is not a change of an image.`, {
    expected: Object.keys(INSTRUCTIONS).join(', '),
    found: show(change),
    remedy: 'Write one instruction of a Dockerfile, such as CMD ["nginx"].',
  })
}

function onBuild(change: string): ContainerImageError {
  return new ContainerImageError(
    'USAGE',
    'ONBUILD is for builds of docker alone, and OCI images have none.',
    {
      expected: Object.keys(INSTRUCTIONS).join(', '),
      found: show(change),
      remedy: 'Leave it out, or put it into the Dockerfile that builds on this image.',
    },
  )
}
