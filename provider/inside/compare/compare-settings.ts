import { formatPlatform, type ImageConfig, platformOf } from '../../../manifests/index.js'

/** One setting in which two images differ. */
export interface ChangedSetting {
  /** `platform`, `env`, `cmd`, `entrypoint`, `user`, `workdir`, `ports`, `volumes`, `labels`, `stopsignal`, `healthcheck`, `shell`, `author`. */
  setting: string
  /** Which one, if there are several: the variable, label, port or folder. */
  name?: string
  /** What the first image has; left out where it has none. */
  first?: string
  /** What the second image has; left out where it has none. */
  second?: string
}

/** A setting by its name, or several of one kind by theirs. */
type Settings = Map<string, string | Map<string, string>>

/** The settings that differ between two images, in the order in which they are listed above. */
export function compareSettings(first: ImageConfig, second: ImageConfig): ChangedSetting[] {
  const [a, b] = [settingsOf(first), settingsOf(second)]
  const found: ChangedSetting[] = []
  for (const [setting, value] of a) {
    const other = b.get(setting)
    if (typeof value === 'string') found.push(...changed({ setting }, value, other as string))
    else found.push(...changedAmong(setting, value, other as Map<string, string>))
  }
  return found
}

function changedAmong(setting: string, a: Map<string, string>, b: Map<string, string>): ChangedSetting[] {
  const names = [...new Set([...a.keys(), ...b.keys()])].sort()
  return names.flatMap((name) => changed({ setting, name }, a.get(name), b.get(name)))
}

/** An empty setting is as good as none, but an empty variable counts. */
function changed(
  what: Pick<ChangedSetting, 'setting' | 'name'>,
  first: string | undefined,
  second: string | undefined,
): ChangedSetting[] {
  const [a, b] = what.name === undefined ? [first || undefined, second || undefined] : [first, second]
  if (a === b) return []
  return [{ ...what, ...(a === undefined ? {} : { first: a }), ...(b === undefined ? {} : { second: b }) }]
}

function settingsOf(config: ImageConfig): Settings {
  const run = config.config ?? {}
  return new Map<string, string | Map<string, string>>([
    ['platform', formatPlatform(platformOf(config))],
    ['env', variablesOf(run.Env ?? [])],
    ['cmd', listed(run.Cmd)],
    ['entrypoint', listed(run.Entrypoint)],
    ['user', run.User ?? ''],
    ['workdir', run.WorkingDir ?? ''],
    ['ports', keysOf(run.ExposedPorts)],
    ['volumes', keysOf(run.Volumes)],
    ['labels', new Map(Object.entries(run.Labels ?? {}))],
    ['stopsignal', textOf(run.StopSignal)],
    ['healthcheck', textOf(run.Healthcheck)],
    ['shell', textOf(run.Shell)],
    ['author', config.author ?? ''],
  ])
}

function variablesOf(env: readonly string[]): Map<string, string> {
  return new Map(
    env.map((one) => {
      const at = one.indexOf('=')
      return at < 0 ? [one, ''] : [one.slice(0, at), one.slice(at + 1)]
    }),
  )
}

function keysOf(value: unknown): Map<string, string> {
  return new Map(Object.keys((value ?? {}) as object).map((key) => [key, '']))
}

function listed(list: string[] | null | undefined): string {
  return list && list.length > 0 ? JSON.stringify(list) : ''
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
