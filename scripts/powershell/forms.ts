/** What defines a cmdlet besides the command that it runs. */
export interface CmdletForm {
  /** What ShouldProcess calls it; left out if nothing is changed. */
  operation?: string
  impact?: 'Low' | 'Medium' | 'High'
  /** The type of the objects that come out, after `ContainerImage.`. */
  type: string
  /** How the command's document becomes objects: each element, its images, what was removed, or as a whole. */
  shape: 'list' | 'images' | 'removed' | 'saved' | 'settings' | 'object' | 'server'
  /** The parameter that an object from the pipeline fills. */
  input?: string
  /** What the name of such an object means: something in the catalog, something installed, or a file. */
  inputKind?: 'catalog' | 'installed' | 'file' | 'any'
  /** An image is processed once, though it has a row for each of its tags. */
  once?: boolean
  /** Parameters that it leaves out, because another cmdlet for the same command has them. */
  without?: string[]
  /** Parameters for which it prompts if they are missing, or one of which is in each set. */
  mandatory?: string[]
  /** The position of a parameter that has a name on the command line. */
  positions?: Record<string, number>
  /** Something is changed only if this parameter is given. */
  changesWith?: string
  /** Values that apply if none is given. */
  fixed?: Record<string, string>
  description?: string
  /** Lines that can be run, with what they are for. */
  examples: [line: string, does: string][]
}

const STICK = 'E:\\'

/** By the names of the cmdlets. */
export const FORMS: Record<string, CmdletForm> = {
  'Find-ContainerImage': {
    type: 'FoundImage',
    shape: 'list',
    examples: [
      ["Find-ContainerImage 'Nano*'", 'The newest version of every image whose name begins with Nano.'],
      ['Find-ContainerImage NanoServer -AllVersions', 'Every version of one image.'],
      [`Find-ContainerImage -Source ${STICK}`, 'What the archives, layouts and WIMs on a stick hold.'],
    ],
  },
  'Save-ContainerImage': {
    operation: 'Save Package',
    impact: 'Low',
    type: 'SavedImage',
    shape: 'saved',
    input: 'Name',
    inputKind: 'catalog',
    description:
      'Objects of Find-ContainerImage are saved as they were found; those of Get-ContainerImage come from the store. -Path may have wildcards, but must match one place; -LiteralPath is taken literally.',
    examples: [
      [`Save-ContainerImage NanoServer -Path ${STICK}`, 'The newest version, as a file on a stick.'],
      [
        `Find-ContainerImage NanoServer | Save-ContainerImage -Path ${STICK} -Force`,
        'What was found, each in its own file.',
      ],
      [
        `Save-ContainerImage NanoServer, WindowsServerCore -Format media -Path ${STICK}media -WithTool -Force`,
        'Several images as a media, with this tool and this module.',
      ],
    ],
  },
  'Export-ContainerImage': {
    operation: 'Save Package',
    impact: 'Low',
    type: 'SavedImage',
    shape: 'saved',
    input: 'Name',
    inputKind: 'catalog',
    fixed: { Source: 'store:' },
    description: 'Like Save-ContainerImage, but for what is installed: sources are not asked.',
    examples: [
      [`Export-ContainerImage nanoserver -Path ${STICK} -Force`, 'The newest version that is installed.'],
      [
        `Get-ContainerImage | Export-ContainerImage -Path ${STICK} -Force`,
        'Everything that is installed, each image once.',
      ],
    ],
    once: true,
  },
  'Install-ContainerImage': {
    operation: 'Install Package',
    impact: 'Medium',
    type: 'InstalledImage',
    shape: 'images',
    input: 'NameOrPath',
    inputKind: 'any',
    mandatory: ['NameOrPath', 'WimPath'],
    examples: [
      [`Install-ContainerImage ${STICK}NanoServer-10-0-14300-1010.wim`, 'From a file; needs no network.'],
      ['Import-Csv .\\images.csv | Install-ContainerImage', 'Every row with the columns Name and Version.'],
      [
        'Find-ContainerImage NanoServer | Install-ContainerImage -WhatIf',
        'Only say what would be installed.',
      ],
    ],
  },
  'Import-ContainerImage': {
    operation: 'Install Package',
    impact: 'Medium',
    type: 'InstalledImage',
    shape: 'images',
    input: 'NameOrPath',
    inputKind: 'any',
    mandatory: ['NameOrPath', 'WimPath'],
    description: 'The same as Install-ContainerImage: the way back from Export-ContainerImage.',
    examples: [
      [`Import-ContainerImage ${STICK}NanoServer-10-0-14300-1010.wim`, 'From a file; needs no network.'],
      [`Get-ChildItem ${STICK}*.wim | Import-ContainerImage`, 'All WIMs on a stick.'],
    ],
  },
  'Install-ContainerOSImage': {
    operation: 'Install Package',
    impact: 'Medium',
    type: 'InstalledImage',
    shape: 'images',
    input: 'WimPath',
    inputKind: 'file',
    without: ['NameOrPath'],
    mandatory: ['WimPath'],
    positions: { WimPath: 0 },
    description:
      'The cmdlet from the module Containers. It accepts every file that Install-ContainerImage accepts.',
    examples: [
      [
        `Install-ContainerOSImage -WimPath ${STICK}NanoServer-10-0-14300-1010.wim -Force`,
        'From a WIM, by its own name and version.',
      ],
      [
        `Install-ContainerOSImage ${STICK}NanoServer-10-0-14300-1010.wim -Expand -WhatIf`,
        'Only say what would be installed.',
      ],
    ],
  },
  'Uninstall-ContainerImage': {
    operation: 'Uninstall Package',
    impact: 'Medium',
    type: 'UninstalledImage',
    shape: 'removed',
    input: 'Name',
    inputKind: 'installed',
    mandatory: ['Name', 'FullName'],
    once: true,
    examples: [
      ['Uninstall-ContainerImage NanoServer -Version 10.0.14300.1010', 'One version.'],
      [
        'Get-ContainerImage | Where-Object Size -gt 1GB | Uninstall-ContainerImage -WhatIf',
        'Say which images of more than a gigabyte would go.',
      ],
    ],
  },
  'Uninstall-ContainerOSImage': {
    operation: 'Uninstall Package',
    impact: 'Medium',
    type: 'UninstalledImage',
    shape: 'removed',
    input: 'FullName',
    inputKind: 'installed',
    without: ['Name'],
    mandatory: ['FullName'],
    positions: { FullName: 0 },
    once: true,
    description:
      'The cmdlet from the module Containers: an image by its full name, or an object that has one.',
    examples: [
      ['Uninstall-ContainerOSImage -FullName CN=Microsoft_NanoServer_10.0.14300.1010', 'By its full name.'],
      ['Get-ContainerImage NanoServer | Uninstall-ContainerOSImage -WhatIf', 'Say what would go.'],
    ],
  },
  'Get-ContainerImage': {
    type: 'StoredImage',
    shape: 'list',
    description: 'An image has a row for each of its tags.',
    examples: [
      ['Get-ContainerImage', 'Everything that is installed.'],
      ["Get-ContainerImage 'Windows*' | Sort-Object Size | Select-Object Name, Version, Size", 'Some of it.'],
    ],
  },
  'Test-ContainerImage': {
    type: 'Verification',
    shape: 'object',
    input: 'Path',
    inputKind: 'file',
    description:
      'Ok in the object says whether all is well, and Problems what is not; problems are also reported as an error. Without a path, the store is checked.',
    examples: [
      ['(Test-ContainerImage).Ok', 'Whether the store is intact.'],
      [`Test-ContainerImage ${STICK}NanoServer-10-0-14300-1010.wim`, 'A file, before it is installed.'],
      [`Get-ChildItem ${STICK}*.wim | Test-ContainerImage`, 'Every WIM on a stick.'],
    ],
  },
  'Search-ContainerImage': {
    type: 'SearchHit',
    shape: 'list',
    examples: [
      [`Search-ContainerImage nano -Source ${STICK}`, 'On a stick.'],
      ['Search-ContainerImage debian -Source registry.example.org', 'In one registry.'],
    ],
  },
  'Receive-ContainerImage': {
    operation: 'Install Package',
    impact: 'Medium',
    type: 'InstalledImage',
    shape: 'images',
    input: 'Reference',
    inputKind: 'any',
    examples: [
      ['Receive-ContainerImage registry.example.org/base/debian:12.5', 'By full reference.'],
      [
        'Receive-ContainerImage registry.example.org/base/debian:12.5 -Credential (Get-Credential)',
        'As a user of the registry.',
      ],
    ],
  },
  'Publish-ContainerImage': {
    operation: 'Push Package',
    impact: 'Medium',
    type: 'PushedImage',
    shape: 'images',
    input: 'Name',
    inputKind: 'installed',
    mandatory: ['Registry'],
    positions: { Registry: 1 },
    once: true,
    examples: [
      ['Publish-ContainerImage debian:12.5 registry.example.org/base', 'One image that is installed.'],
      [
        'Get-ContainerImage | Publish-ContainerImage -Registry registry.example.org/base -WhatIf',
        'Say how much of what is installed would be sent.',
      ],
    ],
  },
  'Copy-ContainerImage': {
    operation: 'Copy Image',
    impact: 'Medium',
    type: 'CopyResult',
    shape: 'object',
    examples: [
      [
        'Copy-ContainerImage registry.example.org/library/debian:12.5 registry.example.org/base/debian -AllPlatforms',
        'From one repository to another, with the same digests.',
      ],
      [
        `Copy-ContainerImage ${STICK}debian.tar registry.example.org/os/debian:12.5 -Tag stable`,
        'An archive, under two tags.',
      ],
    ],
  },
  'Get-ContainerImageTag': {
    type: 'RepositoryTags',
    shape: 'object',
    examples: [
      ['Get-ContainerImageTag registry.example.org/base/debian -Newest 5', 'The five newest versions.'],
      ["Get-ContainerImageTag registry.example.org/base/debian -Filter '*-slim'", 'Those that match.'],
    ],
  },
  'Update-ContainerImageSet': {
    operation: 'Update Lock',
    impact: 'Low',
    type: 'UpdatedSet',
    shape: 'object',
    examples: [
      [`Update-ContainerImageSet ${STICK}plant-7.txt -WhatIf`, 'Only show what would change.'],
      [`Update-ContainerImageSet ${STICK}plant-7.txt`, 'Lock it; Save-ContainerImage -AsLocked takes these.'],
    ],
  },
  'Compare-ContainerImageSet': {
    type: 'OutdatedSet',
    shape: 'object',
    examples: [
      [`Compare-ContainerImageSet ${STICK}plant-7.txt`, 'What is new since it was locked.'],
      [
        `Compare-ContainerImageSet ${STICK}plant-7.txt -Base ${STICK}media`,
        'What a media does not have yet.',
      ],
    ],
  },
  'Remove-ContainerImageMediaImage': {
    operation: 'Remove Image',
    impact: 'Medium',
    type: 'TendedMedia',
    shape: 'object',
    examples: [
      [
        `Remove-ContainerImageMediaImage ${STICK}media WindowsServerCore -WhatIf`,
        'Say which images would go from a stick.',
      ],
      [
        `Remove-ContainerImageMediaImage ${STICK}media WindowsServerCore`,
        'Remove them, and list the rest again.',
      ],
    ],
  },
  'Clear-ContainerImageMedia': {
    operation: 'Remove Image',
    impact: 'Medium',
    type: 'TendedMedia',
    shape: 'object',
    examples: [
      [`Clear-ContainerImageMedia ${STICK}media -Keep 2 -WhatIf`, 'Say which versions would go.'],
      [`Clear-ContainerImageMedia ${STICK}media`, 'Remove only what nothing names.'],
    ],
  },
  'Connect-ContainerImageRegistry': {
    operation: 'Log In',
    impact: 'Low',
    type: 'Login',
    shape: 'object',
    examples: [
      [
        'Connect-ContainerImageRegistry registry.example.org -Credential (Get-Credential)',
        'Check the credentials, and keep them.',
      ],
      [
        'Connect-ContainerImageRegistry registry.example.org -Credential (Get-Credential) -WhatIf',
        'Say where they would be stored.',
      ],
    ],
  },
  'Disconnect-ContainerImageRegistry': {
    operation: 'Log Out',
    impact: 'Low',
    type: 'Login',
    shape: 'object',
    examples: [
      ['Disconnect-ContainerImageRegistry registry.example.org', 'Its credentials are gone.'],
      ['Disconnect-ContainerImageRegistry registry.example.org -WhatIf', 'Say what would go.'],
    ],
  },
  'Get-ContainerImageVersion': {
    type: 'Version',
    shape: 'object',
    examples: [
      ['Get-ContainerImageVersion', 'For a bug report.'],
      ['(Get-ContainerImageVersion).Version', 'Only the version.'],
    ],
  },
  'Add-ContainerEngineImage': {
    operation: 'Load Package',
    impact: 'Medium',
    type: 'LoadedImage',
    shape: 'images',
    input: 'Name',
    inputKind: 'installed',
    once: true,
    examples: [
      ['Add-ContainerEngineImage debian:12.5', 'Into the first engine that answers.'],
      [
        `Add-ContainerEngineImage ${STICK}debian-12-5.tar -Engine docker`,
        'From a file, without installing it.',
      ],
    ],
  },
  'Set-ContainerImageTag': {
    operation: 'Tag Image',
    impact: 'Low',
    type: 'Tag',
    shape: 'object',
    input: 'From',
    inputKind: 'installed',
    examples: [
      ['Set-ContainerImageTag nanoserver:latest nanoserver:stable', 'Another tag.'],
      [
        'Get-ContainerImage nanoserver:latest | Set-ContainerImageTag -To base:latest',
        'Another name, for an image from the pipeline.',
      ],
    ],
  },
  'Remove-ContainerImageTag': {
    operation: 'Untag Image',
    impact: 'Medium',
    type: 'Tag',
    shape: 'object',
    input: 'Name',
    inputKind: 'installed',
    examples: [
      ['Remove-ContainerImageTag nanoserver:stable', 'The image stays under its other names.'],
      ['Remove-ContainerImageTag base:latest -WhatIf', 'Only say what would happen.'],
    ],
  },
  'Get-ContainerImageHistory': {
    type: 'HistoryStep',
    shape: 'list',
    input: 'Name',
    inputKind: 'installed',
    examples: [
      ['Get-ContainerImageHistory nanoserver', 'The steps of nanoserver:latest.'],
      ['Get-ContainerImage nanoserver | Get-ContainerImageHistory', 'For an image from the pipeline.'],
    ],
  },
  'Get-ContainerImageDetail': {
    type: 'ImageDetail',
    shape: 'list',
    input: 'Name',
    inputKind: 'installed',
    examples: [
      ['Get-ContainerImageDetail nanoserver', 'Manifest and config of an installed image.'],
      [`(Get-ContainerImageDetail ${STICK}NanoServer-10-0-14300-1010.wim).Images`, 'The images of a WIM.'],
    ],
  },
  'Get-ContainerImageFile': {
    type: 'ImageFiles',
    shape: 'object',
    input: 'Name',
    inputKind: 'installed',
    changesWith: 'Output',
    examples: [
      [
        '(Get-ContainerImageFile nanoserver).Files | Where-Object Size -gt 10MB',
        'The large files of nanoserver:latest.',
      ],
      ["(Get-ContainerImageFile nanoserver '*.rtf').Files.Path", 'Where its licences are.'],
    ],
  },
  'Expand-ContainerImage': {
    operation: 'Unpack Image',
    impact: 'Low',
    type: 'UnpackedImage',
    shape: 'object',
    input: 'Name',
    inputKind: 'installed',
    examples: [
      ['Expand-ContainerImage nanoserver .\\root -WhatIf', 'Only say what would happen.'],
      ['Expand-ContainerImage nanoserver .\\root', 'The files of nanoserver:latest, in a new folder.'],
    ],
  },
  'Get-ContainerImagePackage': {
    type: 'ImagePackages',
    shape: 'object',
    input: 'Name',
    inputKind: 'installed',
    changesWith: 'Output',
    examples: [
      [
        '(Get-ContainerImagePackage nanoserver).Packages | Where-Object Kind -eq nuget',
        'The .NET packages in nanoserver:latest.',
      ],
      [
        'Get-ContainerImagePackage nanoserver -Sbom cyclonedx -Output nano.cdx.json',
        'All of them, as a file for other programs.',
      ],
    ],
  },
  'Compare-ContainerImage': {
    type: 'ImageDifference',
    shape: 'object',
    examples: [
      ['(Compare-ContainerImage nanoserver:1 nanoserver:2).Files', 'The files in which two images differ.'],
      [
        `Compare-ContainerImage nanoserver ${STICK}NanoServer-10-0-14300-1010.wim -Only config`,
        'Only the settings.',
      ],
    ],
  },
  'New-ContainerImage': {
    operation: 'Commit Image',
    impact: 'Low',
    type: 'CommittedImage',
    shape: 'object',
    examples: [
      [
        `New-ContainerImage ${STICK}root site/base:1.0 -From scratch -Message 'Our base'`,
        'A folder as an image of one layer.',
      ],
      [
        `New-ContainerImage ${STICK}root site/base:1.1 -From site/base:1.0 -WhatIf`,
        'What was changed since the image was unpacked.',
      ],
    ],
  },
  'ConvertTo-ContainerImage': {
    operation: 'Import Image',
    impact: 'Low',
    type: 'ImportedImage',
    shape: 'object',
    examples: [
      [`ConvertTo-ContainerImage ${STICK}root.tar site/system:1.0`, 'The tar of a root file system.'],
      [
        `ConvertTo-ContainerImage ${STICK}root.tar site/system:1.1 -Change 'CMD ["/bin/sh"]'`,
        'Also set what a container runs.',
      ],
    ],
  },
  'Test-ContainerImageStore': {
    type: 'StoreCheck',
    shape: 'object',
    operation: 'Repair Store',
    impact: 'Low',
    changesWith: 'Repair',
    description:
      'Ok in the object says whether all is well, and Problems what is or was wrong; problems that remain are also reported as an error.',
    examples: [
      ['(Test-ContainerImageStore).Problems', 'What is damaged, and which images need it.'],
      [`Test-ContainerImageStore -Repair -From ${STICK}media`, 'Restore it from a media.'],
    ],
  },
  'Clear-ContainerImageStore': {
    operation: 'Remove Blob',
    impact: 'Medium',
    type: 'RemovedBlob',
    shape: 'removed',
    examples: [
      ['Clear-ContainerImageStore -WhatIf', 'Say which blobs would go.'],
      ['Clear-ContainerImageStore', 'Remove them.'],
    ],
  },
  'Get-ContainerImageVulnerability': {
    type: 'ImageVulnerabilities',
    shape: 'object',
    input: 'Name',
    inputKind: 'installed',
    examples: [
      [
        '(Get-ContainerImageVulnerability nanoserver).Vulnerabilities | Where-Object FixedIn',
        'What an update of nanoserver:latest would fix.',
      ],
      ['Get-ContainerImageVulnerability nanoserver -FailOn high', 'An error if any is this severe or worse.'],
    ],
  },
  'Add-ContainerImageDatabase': {
    operation: 'Add Advisories',
    impact: 'Low',
    type: 'DatabaseChange',
    shape: 'object',
    examples: [
      [`Add-ContainerImageDatabase ${STICK}media`, 'What a media carries.'],
      [`Add-ContainerImageDatabase ${STICK}all.zip -WhatIf`, 'Only say what is in an export.'],
    ],
  },
  'Get-ContainerImageDatabase': {
    type: 'Database',
    shape: 'object',
    examples: [
      ['(Get-ContainerImageDatabase).Sources', 'What there is, and how old.'],
      [`Get-ContainerImageDatabase -Database ${STICK}advisories.db`, 'From another file.'],
    ],
  },
  'Remove-ContainerImageDatabase': {
    operation: 'Remove Advisories',
    impact: 'Medium',
    type: 'DatabaseChange',
    shape: 'object',
    examples: [
      ["Remove-ContainerImageDatabase 'OSV npm' -WhatIf", 'Only say what would happen.'],
      ["Remove-ContainerImageDatabase 'OSV npm'", 'One of its sources.'],
    ],
  },
  'Update-ContainerImageDatabase': {
    operation: 'Update Advisories',
    impact: 'Low',
    type: 'DatabaseChange',
    shape: 'object',
    examples: [
      ['Update-ContainerImageDatabase osv:NuGet', 'One export from osv.dev.'],
      ['Update-ContainerImageDatabase', 'The sources that it already has.'],
    ],
  },
  'Export-ContainerImageInventory': {
    operation: 'Write Inventory',
    impact: 'Low',
    changesWith: 'Path',
    type: 'Inventory',
    shape: 'object',
    examples: [
      [
        `Export-ContainerImageInventory -Path ${STICK}plant-7.json -Force`,
        'What the store has, to be carried back.',
      ],
      ['(Export-ContainerImageInventory).Images', 'As objects, without a file.'],
    ],
  },
  'Get-ContainerImageReceipt': {
    type: 'ReceiptLog',
    shape: 'list',
    examples: [
      ['Get-ContainerImageReceipt', 'What was installed here with receipts.'],
      [`(Get-ContainerImageReceipt ${STICK}media).Receipts`, 'What came back on a stick.'],
    ],
  },
  'Test-ContainerImageReceipt': {
    type: 'ReceiptCheck',
    shape: 'list',
    examples: [
      ['Test-ContainerImageReceipt', "The store's own log."],
      [`Test-ContainerImageReceipt ${STICK}media`, 'Every log on a stick.'],
    ],
  },
  'Get-ContainerImageMediaStatus': {
    type: 'MediaStatus',
    shape: 'object',
    examples: [
      [`Get-ContainerImageMediaStatus ${STICK}media`, 'With the receipts that came back on it.'],
      [`(Get-ContainerImageMediaStatus ${STICK}media).Hosts`, 'One object for each host.'],
    ],
  },
  'Start-ContainerImageServer': {
    operation: 'Serve Registry',
    impact: 'Low',
    type: 'Server',
    shape: 'server',
    description:
      'It runs in the background until Stop-ContainerImageServer, or the end of the session. Requests are logged only to -AccessLog.',
    examples: [
      ['$server = Start-ContainerImageServer -Listen 127.0.0.1:0', 'The store, on a free port.'],
      [
        `Start-ContainerImageServer ${STICK}media -Listen 127.0.0.1:0 | Stop-ContainerImageServer`,
        'A media.',
      ],
    ],
  },
  'Show-ContainerImage': {
    operation: 'Open Window',
    impact: 'Low',
    type: 'Window',
    shape: 'server',
    description:
      'It stays open in the background until Stop-ContainerImageServer, or the end of the session. Whoever has its Url can do whatever the window can.',
    examples: [
      ['$window = Show-ContainerImage -NoBrowser', 'Only the address, in $window.Url.'],
      ['Show-ContainerImage -NoBrowser | Stop-ContainerImageServer', 'Ends it again.'],
    ],
  },
  'Register-ContainerImageSource': {
    operation: 'Register Package Source',
    impact: 'Low',
    type: 'Source',
    shape: 'object',
    examples: [
      [`Register-ContainerImageSource stick ${STICK}`, 'A folder with archives, layouts and WIMs.'],
      ['Register-ContainerImageSource lab https://registry.example.org', 'A registry.'],
    ],
  },
  'Get-ContainerImageSource': {
    type: 'Source',
    shape: 'list',
    examples: [
      ['Get-ContainerImageSource', 'In the order in which they are asked.'],
      ['Get-ContainerImageSource | Where-Object Type -eq folder', 'Some of them.'],
    ],
  },
  'Unregister-ContainerImageSource': {
    operation: 'Unregister Package Source',
    impact: 'Medium',
    type: 'Source',
    shape: 'object',
    input: 'Name',
    inputKind: 'any',
    examples: [
      ['Unregister-ContainerImageSource stick', 'Forget it; its images are not touched.'],
      ['Get-ContainerImageSource | Unregister-ContainerImageSource -WhatIf', 'Only say what would happen.'],
    ],
  },
  'Get-ContainerImageSetting': {
    type: 'Setting',
    shape: 'settings',
    mandatory: [],
    description: 'Without a name, every setting that has a value.',
    examples: [
      ['Get-ContainerImageSetting', 'Every setting that has a value.'],
      ['(Get-ContainerImageSetting platform).Value', 'One of them.'],
    ],
  },
  'Get-ContainerImageSettingPath': {
    type: 'SettingPath',
    shape: 'object',
    examples: [
      ['Get-ContainerImageSettingPath', 'The file that holds the settings.'],
      ['Test-Path (Get-ContainerImageSettingPath).Path', 'Whether it is there.'],
    ],
  },
  'Set-ContainerImageSetting': {
    operation: 'Set Setting',
    impact: 'Low',
    type: 'Setting',
    shape: 'settings',
    examples: [
      ['Set-ContainerImageSetting platform windows/amd64', 'The platform to use if none is given.'],
      ["Set-ContainerImageSetting platform ''", 'Back to the default.'],
    ],
  },
  'Export-ContainerImageMirrorConfiguration': {
    operation: 'Write Configuration',
    impact: 'Low',
    changesWith: 'Output',
    type: 'MirrorConfiguration',
    shape: 'object',
    examples: [
      ['(Export-ContainerImageMirrorConfiguration podman).Files', 'For podman, skopeo, buildah and CRI-O.'],
      [
        'Export-ContainerImageMirrorConfiguration containerd -Output ./site',
        'Files for a machine, in a folder.',
      ],
    ],
  },
  'New-ContainerImageKey': {
    operation: 'Generate Key',
    impact: 'Low',
    type: 'Key',
    shape: 'object',
    description: 'A passphrase comes from a file with -KeyPassphraseFile.',
    examples: [
      [`New-ContainerImageKey ${STICK}site.key -NoPassphrase`, 'Whoever has the file can use this key.'],
      [`New-ContainerImageKey ${STICK}other.key -NoPassphrase -WhatIf`, 'Say where it would be.'],
    ],
  },
  'Protect-ContainerImageMedia': {
    operation: 'Sign Media',
    impact: 'Low',
    type: 'MediaSignature',
    shape: 'object',
    examples: [
      [`Protect-ContainerImageMedia ${STICK}signed -Sign ${STICK}site.key -WhatIf`, 'Say with which key.'],
      [`Protect-ContainerImageMedia ${STICK}signed -Sign ${STICK}site.key`, 'Sign what is on it.'],
    ],
  },
  'Add-ContainerImageTrust': {
    operation: 'Trust Key',
    impact: 'Medium',
    type: 'TrustedSigner',
    shape: 'object',
    examples: [
      [`Add-ContainerImageTrust ${STICK}site.pub -Name build -WhatIf`, 'Say which key that is.'],
      [
        `Add-ContainerImageTrust ${STICK}site.pub -Name build -ForImage nanoserver`,
        'From now on only what it has signed is accepted.',
      ],
    ],
  },
  'Get-ContainerImageTrust': {
    type: 'TrustedSigner',
    shape: 'list',
    examples: [
      ['Get-ContainerImageTrust', 'All of them.'],
      ['(Get-ContainerImageTrust).Id', 'Their ids.'],
    ],
  },
  'Remove-ContainerImageTrust': {
    operation: 'Remove Trusted Key',
    impact: 'Medium',
    type: 'TrustedSigner',
    shape: 'object',
    input: 'Name',
    inputKind: 'any',
    examples: [
      ['Remove-ContainerImageTrust build -WhatIf', 'Only say what would happen.'],
      ['Remove-ContainerImageTrust build', 'What it signed is no longer accepted.'],
    ],
  },
}
