import type { OptionDefinition } from '../command/command.js'

/** Which database of advisories is meant. */
export const DATABASE: OptionDefinition = {
  type: 'value',
  placeholder: 'FILE',
  describe: 'The database of advisories, if not the usual one',
  more: 'Without it CONTAINERIMAGE_DATABASE says which; otherwise it is beside the store',
  offer: 'files',
}
