import { ContainerImageError } from '../../../manifests/index.js'

export function diskFull(label: string, found: string): ContainerImageError {
  return new ContainerImageError('NO_SPACE', `${label} has no space left for the image.`, {
    side: 'destination',
    found,
    remedy: 'Remove images that it does not need, or make its disk larger; then run the command again.',
  })
}

export function accessDenied(label: string, found: string): ContainerImageError {
  return new ContainerImageError('ENGINE_UNREACHABLE', `${label}: access is denied.`, {
    side: 'destination',
    found,
    remedy: 'Run the command as root or with sudo, or as a member of the group that the socket belongs to.',
  })
}

export function endedInTheMiddle(label: string, found: string): ContainerImageError {
  return new ContainerImageError('ENGINE_UNREACHABLE', `${label} does not answer, or ended in the middle.`, {
    side: 'destination',
    expected: 'an engine that runs',
    found,
    remedy: 'Start it again, then run the same command again: what the engine has is not sent again.',
  })
}

export function refused(label: string, found: string): ContainerImageError {
  const last = found.trimEnd().split('\n').at(-1)?.trim() ?? ''
  return new ContainerImageError('ENGINE_REFUSED', `${label} refuses: ${last}`, {
    side: 'destination',
    found,
  })
}

/** For layers that the engine already had under their digests, and that were therefore not read here. */
export function otherLayer(label: string, tar: string): ContainerImageError {
  return new ContainerImageError(
    'DIGEST_MISMATCH',
    `${label} unpacked a layer that the config does not name.`,
    {
      side: 'source',
      expected: 'the diff ids of the config',
      found: `a tar with ${tar}`,
      remedy: 'Ask whoever made the image for a correct one.',
    },
  )
}

/** An answer that is not of the kind that was asked for. */
export function rubbish(label: string, expected: string, found: string): ContainerImageError {
  return new ContainerImageError('ENGINE_REFUSED', `${label} answers something that makes no sense.`, {
    side: 'destination',
    expected,
    found: found.slice(0, 200) || 'nothing',
    remedy: 'Make sure that the program and the address are those of this engine.',
  })
}
