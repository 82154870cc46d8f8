BeforeAll { . (Join-Path $PSScriptRoot 'common.ps1') }

Describe 'the module' {
    It 'has a valid manifest for Windows PowerShell 5.1 and PowerShell 7' {
        $manifest = Test-ModuleManifest (Join-Path $env:TEST_MODULE 'ContainerImage.psd1')
        $manifest.PowerShellVersion | Should -Be '5.1'
        $manifest.CompatiblePSEditions | Should -Be @('Desktop', 'Core')
    }

    It 'exports functions with approved verbs, and nothing else' {
        $module = Get-Module ContainerImage
        $verbs = (Get-Verb).Verb
        $module.ExportedFunctions.Keys | Where-Object { ($_ -split '-')[0] -notin $verbs } | Should -BeNullOrEmpty
        $module.ExportedFunctions.Keys | Should -Contain 'Install-ContainerOSImage'
        $module.ExportedVariables.Count + $module.ExportedAliases.Count + $module.ExportedCmdlets.Count | Should -Be 0
    }

    It 'is loaded without a warning or an error' {
        $said = @(Import-Module $env:TEST_MODULE -Force 3>&1 2>&1)
        $said | Should -BeNullOrEmpty
    }

    It 'has a synopsis, a description of each parameter and examples for every cmdlet' {
        foreach ($name in (Get-Module ContainerImage).ExportedFunctions.Keys) {
            $help = Get-Help $name -Full
            $help.Synopsis | Should -Not -Match ([regex]::Escape("$name ["))
            @($help.examples.example).Count | Should -BeGreaterOrEqual 2 -Because $name
            foreach ($parameter in @($help.parameters.parameter | Where-Object { $_.name -notin 'WhatIf', 'Confirm', 'ProgressAction' })) {
                $parameter.description | Should -Not -BeNullOrEmpty -Because "$name -$($parameter.name)"
            }
        }
        Get-Help about_ContainerImage | Out-String | Should -Match 'CONTAINERIMAGE_NODE_DIR'
    }
}

Describe 'Find-ContainerImage' {
    It 'puts out typed objects with the table of the original' {
        $found = @(Find-ContainerImage NanoServer -Source ./samples)
        $found.Count | Should -Be 1
        $found[0].PSObject.TypeNames[0] | Should -Be 'ContainerImage.FoundImage'
        $found[0].Version | Should -BeExactly '10.0.14300.1010'
        Get-Text { $found } | Should -Match '(?m)^Name\s+Version\s+Source\s+Summary\s*$'
    }

    It 'takes wildcards, several names and all versions' {
        @(Find-ContainerImage 'Nano*' -Source ./samples -AllVersions).Version | Should -Be '10.0.14300.1010', '10.0.14300.1000'
        @(Find-ContainerImage NanoServer, WindowsServerCore -Source ./samples).Name | Should -Be 'NanoServer', 'WindowsServerCore'
        @(Find-ContainerImage -Name '*Core' -Source ./samples -MaximumVersion 10.0.14300.1020).Version | Should -Be '10.0.14300.1000'
    }

    It 'refuses version parameters that exclude each other in the words of the original' {
        Find-ContainerImage NanoServer -Source ./samples -AllVersions -RequiredVersion 1.0 -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].FullyQualifiedErrorId | Should -Be 'VERSION_PARAMETERS,Find-ContainerImage'
        $failed[0].Exception.Message | Should -Match 'You cannot use the parameter AllVersions with RequiredVersion'
    }

    It 'reports an error as a record with its code, a category and what to do' {
        Find-ContainerImage nope -Source ./samples -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed.Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -Be 'NO_MATCH,Find-ContainerImage'
        $failed[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $failed[0].ErrorDetails.RecommendedAction | Should -Match '`Find-ContainerImage`.*`Get-ContainerImageSource`'
        $failed[0].Exception.Data['Code'] | Should -Be 'NO_MATCH'
    }

    It 'stops a script whose ErrorActionPreference is Stop, though that is a variable of the script' {
        $script = Join-Path (New-Folder) 'stop.ps1'
        Set-Content $script '$ErrorActionPreference = "Stop"; Find-ContainerImage nope -Source ./samples; "went on"'
        { & $script } | Should -Throw -ErrorId 'NO_MATCH,Find-ContainerImage'
    }

    It 'goes on after an error otherwise, and fills -OutVariable' {
        $all = 'nope', 'NanoServer' | ForEach-Object { Find-ContainerImage $_ -Source ./samples -ErrorAction SilentlyContinue -OutVariable +out }
        @($all).Count | Should -Be 1
        $out.Count | Should -Be 1
    }
}

Describe 'the walk-through of the original' {
    BeforeAll { New-Store; $usb = New-Folder }

    It 'saves what was found, as a file that has the name of the original' {
        $saved = Find-ContainerImage NanoServer -Source ./samples | Save-ContainerImage -Path $usb
        $saved.PSObject.TypeNames[0] | Should -Be 'ContainerImage.SavedImage'
        $saved.Path | Should -Be (Join-Path $usb 'NanoServer-10-0-14300-1010.wim')
        (Get-Item $saved.Path).Length | Should -Be $saved.Size
    }

    It 'saves every object of a pipeline, not only the last' {
        $folder = New-Folder
        $saved = @(Find-ContainerImage NanoServer -Source ./samples -AllVersions | Save-ContainerImage -Path $folder)
        $saved.Version | Should -Be '10.0.14300.1010', '10.0.14300.1000'
        @(Get-ChildItem $folder).Count | Should -Be 2
    }

    It 'says what would be installed, and installs nothing, with -WhatIf' {
        $log = Join-Path (New-Folder) 'whatif.txt'
        Start-Transcript $log | Out-Null
        try { Install-ContainerOSImage -WimPath "$usb/NanoServer-10-0-14300-1010.wim" -WhatIf } finally { Stop-Transcript | Out-Null }
        (Get-Content $log -Raw) | Should -Match 'What if: Performing the operation "Install Package" on target "Package NanoServer version 10\.0\.14300\.1010 from .*NanoServer-10-0-14300-1010\.wim"\.'
        @(Get-ContainerImage).Count | Should -Be 0
    }

    It 'installs from the file, by its own name and version' {
        $installed = Get-ChildItem "$usb/*.wim" | Install-ContainerOSImage -Force
        $installed.PSObject.TypeNames[0] | Should -Be 'ContainerImage.InstalledImage'
        $installed.FullName | Should -Be 'CN=Microsoft_NanoServer_10.0.14300.1010'
        $installed.Tags | Should -Contain 'nanoserver:latest'
    }

    It 'lists it with the table of the original, and a size that compares' {
        $images = @(Get-ContainerImage)
        $images.Count | Should -Be 2
        $images[0].Publisher | Should -Be 'CN=Microsoft'
        $images[0].IsOSImage | Should -BeTrue
        $images[0].Created | Should -BeOfType [datetime]
        @($images | Where-Object Size -gt 1MB).Count | Should -Be 2
        @($images | Where-Object Size -gt 1GB).Count | Should -Be 0
        Get-Text { $images } | Should -Match '(?m)^Name\s+Publisher\s+Version\s+IsOSImage'
    }

    It 'exports it out of the store, and imports it into another one' {
        $folder = New-Folder
        $exported = @(Get-ContainerImage | Export-ContainerImage -Path $folder -WarningAction SilentlyContinue)
        $exported.Count | Should -Be 1
        $exported[0].Digest | Should -Be (Get-ContainerImage)[0].Digest
        $other = New-Folder
        $exported | Import-ContainerImage -Store $other | Out-Null
        (Get-ContainerImage -Store $other)[0].Digest | Should -Be $exported[0].Digest
    }

    It 'verifies it, and says in the object and in an error what is wrong' {
        (Test-ContainerImage).Ok | Should -BeTrue
        $damaged = Join-Path (New-Folder) 'damaged.wim'
        $bytes = [IO.File]::ReadAllBytes("$usb/NanoServer-10-0-14300-1010.wim")
        $bytes[1000000] = $bytes[1000000] -bxor 255
        [IO.File]::WriteAllBytes($damaged, $bytes)
        $check = Test-ContainerImage $damaged -ErrorAction SilentlyContinue -ErrorVariable failed
        $check.Ok | Should -BeFalse
        $check.Problems.Count | Should -BeGreaterThan 0
        $failed[0].FullyQualifiedErrorId | Should -Be 'VERIFICATION_FAILED,Test-ContainerImage'
    }

    It 'uninstalls an image once, though it has a row for each tag' {
        $removed = @(Get-ContainerImage | Where-Object Size -gt 1MB | Uninstall-ContainerImage)
        $removed.Count | Should -Be 1
        $removed[0].FullName | Should -Be 'CN=Microsoft_NanoServer_10.0.14300.1010'
        @(Get-ContainerImage).Count | Should -Be 0
    }

    It 'uninstalls by the full name, as the module Containers did' {
        Install-ContainerImage "$usb/NanoServer-10-0-14300-1010.wim" | Out-Null
        Get-ContainerImage nanoserver:latest | Uninstall-ContainerOSImage -WhatIf
        (Uninstall-ContainerOSImage CN=Microsoft_NanoServer_10.0.14300.1010).Version | Should -Be '10.0.14300.1010'
    }
}
