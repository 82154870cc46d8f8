import type { OpenImage } from '../../inside/image/open-image.js'
import type { Distribution, SoftwarePackage } from '../../inside/packages/software-package.js'
import type { Context } from '../../session/context.js'

export interface ImagePackages {
  packages: SoftwarePackage[]
  distribution?: Distribution
}

export async function packagesOfImage(_image: OpenImage, _context: Context): Promise<ImagePackages> {
  return { packages: [] }
}
