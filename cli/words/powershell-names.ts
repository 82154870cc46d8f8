/**
 * The cmdlets that each verb replaces, as PowerShell spelt them. Each has a file of its name in powershell/.
 */
export const POWERSHELL_NAMES: Record<string, string> = {
  'Find-ContainerImage': 'find',
  'Save-ContainerImage': 'save',
  'Install-ContainerImage': 'install',
  'Install-ContainerOSImage': 'install',
  'Uninstall-ContainerImage': 'uninstall',
  'Uninstall-ContainerOSImage': 'uninstall',
  'Get-ContainerImage': 'get',
}

/** The verb of a cmdlet, ignoring case; undefined for any other word. */
export function verbOf(word: string): string | undefined {
  const name = Object.keys(POWERSHELL_NAMES).find((one) => one.toLowerCase() === word.toLowerCase())
  return name === undefined ? undefined : POWERSHELL_NAMES[name]
}

/** The cmdlets that a verb replaces. */
export function cmdletsOf(verb: string): string[] {
  return Object.keys(POWERSHELL_NAMES).filter((name) => POWERSHELL_NAMES[name] === verb)
}
