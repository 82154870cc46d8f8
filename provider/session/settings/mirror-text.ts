import { withoutSecrets } from '../../../manifests/index.js'
import type { RegistryMirrors } from '../../registry/mirror-setting.js'

/** Mirrors in one line: their URLs in order, what holds for each, and whether the registry itself is asked. */
export function mirrorText({ endpoints, upstream }: RegistryMirrors): string {
  const each = endpoints.map(({ url, capabilities, caFile, skipVerify }) => {
    const facts = [
      ...(capabilities ? [`for ${capabilities.join(' and ')} only`] : []),
      ...(caFile ? [`authority ${caFile}`] : []),
      ...(skipVerify ? ['certificate not checked'] : []),
    ]
    // A settings file that was written by hand may have a password in it.
    const shown = withoutSecrets(url)
    return facts.length > 0 ? `${shown} (${facts.join(', ')})` : shown
  })
  return [...each, ...(upstream === false ? ['nobody else'] : [])].join(', ')
}
