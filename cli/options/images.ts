import type { OptionDefinition } from '../command/command.js'

export const PLATFORM: OptionDefinition = {
  type: 'value',
  placeholder: 'OS/ARCH',
  describe: 'os/architecture[/variant][:os.version], such as linux/arm64',
}

export const ALL_PLATFORMS: OptionDefinition = { type: 'switch', describe: 'All platforms of the image' }

export const SOURCE: OptionDefinition = {
  type: 'value',
  placeholder: 'SOURCE',
  describe:
    'A registered source, or a location: folder, JSON index or https://host; store: for what is installed',
  offer: 'sources',
}
