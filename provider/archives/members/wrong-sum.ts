import { ContainerImageError, show } from '../../../manifests/index.js'

/** A member whose bytes do not have the CRC-32 that its archive gives for them. */
export function wrongSum(
  archive: string,
  { name, crc32 }: { name: string; crc32: number },
  found: number,
): ContainerImageError {
  return new ContainerImageError('ARCHIVE_INVALID', `${archive} holds ${show(name)} damaged.`, {
    side: 'source',
    expected: `CRC-32 ${crc32.toString(16)}`,
    found: found.toString(16),
  })
}
