import type { WindowsFacts } from '../package-facts.js'
import type { Distribution } from '../software-package.js'

/** Since this build the registry's product name calls Windows 11 Windows 10. */
const FIRST_BUILD_OF_11 = 22000

/** `10.0.20348.2340`, as `ver` prints it: version, build and update revision. */
export function windowsDistribution(facts: WindowsFacts): Distribution {
  const { majorVersion = 10, minorVersion = 0, build, revision, displayVersion } = facts
  const version =
    build === undefined
      ? undefined
      : [majorVersion, minorVersion, build, revision].filter((part) => part !== undefined).join('.')
  const prettyName = nameOf(facts)
  return {
    id: 'windows',
    ...(version === undefined ? {} : { version }),
    ...(displayVersion === undefined ? {} : { codename: displayVersion }),
    ...(prettyName === undefined ? {} : { prettyName }),
  }
}

function nameOf({ productName, editionId, build }: WindowsFacts): string | undefined {
  if (productName === undefined) return editionId
  const isClientOf11 = Number(build) >= FIRST_BUILD_OF_11 && /^Windows 10\b/.test(productName)
  return isClientOf11 ? productName.replace('Windows 10', 'Windows 11') : productName
}
