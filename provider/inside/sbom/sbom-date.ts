import { sourceDate } from '../../io/source-date.js'

/**
 * The time that a document says it was made: SOURCE_DATE_EPOCH if the environment has it, or else when the
 * image was made, so that listing it again gives the same bytes.
 * @throws USAGE for a SOURCE_DATE_EPOCH that is not a time
 */
export function sbomDate(created: string | undefined, environment: NodeJS.ProcessEnv = process.env): Date {
  if (environment.SOURCE_DATE_EPOCH) return sourceDate(environment)
  const date = new Date(created ?? 0)
  return Number.isNaN(date.getTime()) ? new Date(0) : date
}
