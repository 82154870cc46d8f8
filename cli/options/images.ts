import type { OptionDefinition } from '../command/command.js'

export const PLATFORM: OptionDefinition = {
  type: 'value',
  placeholder: 'OS/ARCH',
  describe: 'os/architecture[/variant][:os.version], such as linux/arm64',
}

/** Where several may be named: `a,b`, or the option more than once. */
export const PLATFORMS: OptionDefinition = {
  ...PLATFORM,
  type: 'list',
  describe: `${PLATFORM.describe}; several with commas between them`,
}

export const ALL_PLATFORMS: OptionDefinition = { type: 'switch', describe: 'All platforms of the image' }

export const SOURCE: OptionDefinition = {
  type: 'value',
  placeholder: 'SOURCE',
  describe: 'A registered source, or a location: folder, JSON index or https://host',
  offer: 'sources',
}
