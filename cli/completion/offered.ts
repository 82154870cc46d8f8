import type { Offer } from '../command/command.js'
import { COMMANDS } from '../commands/index.js'

/** Values that depend on this machine; none if they cannot be read, for whatever reason. */
export async function offered(offer: Offer): Promise<{ value: string; describe: string }[]> {
  try {
    return await OFFERS[offer]()
  } catch {
    return []
  }
}

const OFFERS: Record<Offer, () => Promise<{ value: string; describe: string }[]>> = {
  async sources() {
    const { listSources } = await import('../../provider/index.js')
    return (await listSources()).map(({ name, location }) => ({ value: name, describe: location }))
  },
  async installed() {
    const { get } = await import('../../provider/index.js')
    const images = await get()
    return images.map(({ repository, tag, fullName }) => ({
      value: `${repository}:${tag}`,
      describe: fullName,
    }))
  },
  async settings() {
    return ['store', 'ca-file', 'platform', 'gate'].map((value) => ({ value, describe: '' }))
  },
  async commands() {
    return COMMANDS.map(({ names }) => ({ value: names[0], describe: '' }))
  },
  async files() {
    return []
  },
  async folders() {
    return []
  },
}
