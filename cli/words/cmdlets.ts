/**
 * The cmdlets of the PowerShell module, each with the command that it runs. Verbs are approved ones (`Get-Verb`); the first
 * cmdlet of a command is the one that messages name.
 */
export const CMDLETS: Record<string, string[]> = {
  'Find-ContainerImage': ['find'],
  'Save-ContainerImage': ['save'],
  'Export-ContainerImage': ['save'],
  'Install-ContainerImage': ['install'],
  'Import-ContainerImage': ['install'],
  'Install-ContainerOSImage': ['install'],
  'Uninstall-ContainerImage': ['uninstall'],
  'Uninstall-ContainerOSImage': ['uninstall'],
  'Get-ContainerImage': ['get'],
  'Test-ContainerImage': ['verify'],
  'Search-ContainerImage': ['search'],
  'Receive-ContainerImage': ['pull'],
  'Publish-ContainerImage': ['push'],
  'Copy-ContainerImage': ['copy'],
  'Get-ContainerImageTag': ['tags'],
  'Compare-ContainerImageSet': ['set', 'outdated'],
  'Update-ContainerImageSet': ['set', 'update'],
  'Add-ContainerEngineImage': ['load'],
  'Set-ContainerImageTag': ['tag'],
  'Remove-ContainerImageTag': ['untag'],
  'Get-ContainerImageHistory': ['history'],
  'Get-ContainerImageDetail': ['inspect'],
  'Get-ContainerImageFile': ['files'],
  'Expand-ContainerImage': ['unpack'],
  'Get-ContainerImagePackage': ['packages'],
  'Compare-ContainerImage': ['diff'],
  'New-ContainerImage': ['commit'],
  'ConvertTo-ContainerImage': ['import'],
  'Clear-ContainerImageStore': ['prune'],
  'Test-ContainerImageStore': ['store', 'check'],
  'Get-ContainerImageVulnerability': ['vulnerabilities'],
  'Add-ContainerImageDatabase': ['database', 'add'],
  'Get-ContainerImageDatabase': ['database', 'list'],
  'Remove-ContainerImageDatabase': ['database', 'remove'],
  'Update-ContainerImageDatabase': ['database', 'update'],
  'Export-ContainerImageInventory': ['inventory'],
  'Get-ContainerImageReceipt': ['receipt', 'show'],
  'Test-ContainerImageReceipt': ['receipt', 'verify'],
  'Get-ContainerImageMediaStatus': ['media', 'status'],
  'Remove-ContainerImageMediaImage': ['media', 'remove'],
  'Clear-ContainerImageMedia': ['media', 'prune'],
  'Protect-ContainerImageMedia': ['media', 'sign'],
  'New-ContainerImageKey': ['key', 'generate'],
  'Add-ContainerImageTrust': ['trust', 'add'],
  'Get-ContainerImageTrust': ['trust', 'list'],
  'Remove-ContainerImageTrust': ['trust', 'remove'],
  'Connect-ContainerImageRegistry': ['login'],
  'Disconnect-ContainerImageRegistry': ['logout'],
  'Get-ContainerImageVersion': ['version'],
  'Start-ContainerImageServer': ['serve'],
  'Show-ContainerImage': ['ui'],
  'Register-ContainerImageSource': ['source', 'add'],
  'Get-ContainerImageSource': ['source', 'list'],
  'Unregister-ContainerImageSource': ['source', 'remove'],
  'Get-ContainerImageSetting': ['config', 'get'],
  'Get-ContainerImageSettingPath': ['config', 'path'],
  'Set-ContainerImageSetting': ['config', 'set'],
  'Export-ContainerImageMirrorConfiguration': ['mirror-config'],
}

/** Commands without a cmdlet of their own, and what PowerShell has in their place. */
export const WITHOUT_CMDLET: Record<string, string> = {
  'config list': 'Get-ContainerImageSetting without a name',
  completion: 'The module completes its own cmdlets.',
  help: 'Get-Help',
}

/** The cmdlet that messages name for a command; undefined if it has none. */
export function cmdletFor(command: string[]): string | undefined {
  return Object.keys(CMDLETS).find((name) => CMDLETS[name]?.join(' ') === command.join(' '))
}
