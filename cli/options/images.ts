import type { OptionDefinition } from '../command/command.js'

export const PLATFORM: OptionDefinition = {
  type: 'value',
  placeholder: 'OS/ARCH',
  describe: 'Such as linux/arm64',
  more: 'In full: os/architecture[/variant][:os.version]',
}

/** For commands that accept several: `a,b`, or the option more than once. */
export const PLATFORMS: OptionDefinition = {
  ...PLATFORM,
  type: 'list',
  describe: `${PLATFORM.describe}, or several as a,b`,
}

export const ALL_PLATFORMS: OptionDefinition = { type: 'switch', describe: 'All platforms of the image' }

export const SOURCE: OptionDefinition = {
  type: 'value',
  placeholder: 'SOURCE',
  describe: 'A registered source, or a location',
  more: 'A location is a folder, a JSON index or https://host; `store:` is what is installed',
  offer: 'sources',
}
