import type { RegistryMirrors } from '../requests.js'

/** Mirrors in one line: their URLs in order, what holds for each, and whether the registry itself is asked. */
export function mirrorText({ endpoints, upstream }: RegistryMirrors): string {
  const each = endpoints.map(({ url, capabilities, caFile, skipVerify }) => {
    const facts = [
      ...(capabilities ? [`for ${capabilities.join(' and ')} only`] : []),
      ...(caFile ? [`authority ${caFile}`] : []),
      ...(skipVerify ? ['certificate not checked'] : []),
    ]
    return facts.length > 0 ? `${url} (${facts.join(', ')})` : url
  })
  return [...each, ...(upstream === false ? ['nobody else'] : [])].join(', ')
}
