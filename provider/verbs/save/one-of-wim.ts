import type { WimFile } from '../../targets/chosen-images.js'

/** One image of a WIM that has more: such as an edition of an install.wim. */
export interface OneOfWim extends WimFile {
  image: string
  location: WimFile['location'] & { kind: 'path' }
}

export function isOneOfWim(wim: WimFile): wim is OneOfWim {
  return wim.image !== undefined && wim.location.kind === 'path'
}
