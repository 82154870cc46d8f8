import { ContainerImageError, show } from '../../manifests/index.js'

/**
 * The time that is written into everything we make: SOURCE_DATE_EPOCH, in seconds since 1970, if the
 * environment has it, so that making something again gives the same bytes
 * (reproducible-builds.org/specs/source-date-epoch); otherwise now.
 * @throws USAGE for one that is not a number of seconds
 */
export function sourceDate(environment: NodeJS.ProcessEnv = process.env): Date {
  const epoch = environment.SOURCE_DATE_EPOCH
  if (epoch === undefined || epoch === '') return new Date()
  const date = new Date(Number(epoch) * 1000)
  if (/^\d{1,12}$/.test(epoch) && !Number.isNaN(date.getTime())) return date
  throw new ContainerImageError('USAGE', 'SOURCE_DATE_EPOCH is not a time.', {
    expected: 'seconds since 1970 in the environment variable SOURCE_DATE_EPOCH',
    found: show(epoch),
    remedy: 'Set it to a whole number of seconds, or unset it.',
  })
}
