import { language, t } from '../words/words.js'

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** In powers of ten, with three digits, as the command prints it. */
export function size(bytes: number | undefined): string {
  if (bytes === undefined) return '–'
  let [value, unit] = [bytes, 0]
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
  return `${value.toFixed(digits)} ${UNITS[unit]}`
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

/**
 * How long ago something was.
 * @param time ISO 8601
 */
export function age(time: string, now = Date.now()): string {
  const at = Date.parse(time)
  if (Number.isNaN(at) || at <= 0) return '–'
  const seconds = (at - now) / 1000
  const [unit, length] = STEPS.find(([, one]) => Math.abs(seconds) >= one) ?? ['second', 1]
  return relative().format(Math.round(seconds / length), unit)
}

export function day(time: string): string {
  const at = new Date(time)
  return Number.isNaN(at.getTime()) ? '–' : dates().format(at)
}

/** The time that is left for a job. */
export function secondsLeft(seconds: number | null): string {
  if (seconds === null) return ''
  return seconds < 90 ? t('secondsLeft', { n: seconds }) : t('minutesLeft', { n: Math.round(seconds / 60) })
}

// Made once: making each takes a while, and a table asks for thousands.
let formats: { relative: Intl.RelativeTimeFormat; dates: Intl.DateTimeFormat } | undefined
function made(): NonNullable<typeof formats> {
  formats ??= {
    relative: new Intl.RelativeTimeFormat(language(), { numeric: 'always' }),
    dates: new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'short' }),
  }
  return formats
}
function relative(): Intl.RelativeTimeFormat {
  return made().relative
}
function dates(): Intl.DateTimeFormat {
  return made().dates
}

/** The first twelve digits, as docker shows an id. */
export function short(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12)
}
