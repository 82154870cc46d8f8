import os from 'node:os'
import { defaultPlatform } from '../../catalog/default-platform.js'
import type { Platform } from '../../manifests/index.js'

/** The platform of containers on this machine. */
export function hostPlatform(): Platform {
  return defaultPlatform({ platform: process.platform, arch: process.arch, release: os.release() })
}
