import { language } from '../../../../provider/shown/index.js'
import { t } from '../words/words.js'

export { short, size } from '../../../../provider/shown/index.js'

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
