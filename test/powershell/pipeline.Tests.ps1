BeforeAll { . (Join-Path $PSScriptRoot 'common.ps1') }

Describe 'the pipeline' {
    BeforeAll { New-Store }

    It 'takes the rows of a table by their columns, and does not mind an empty one' {
        $csv = Join-Path (New-Folder) 'images.csv'
        Set-Content $csv 'Name,Version,Source', 'NanoServer,10.0.14300.1000,./samples', 'WindowsServerCore,,./samples'
        $installed = @(Import-Csv $csv | Install-ContainerImage)
        $installed.Version | Should -Be '10.0.14300.1000', '10.0.14300.1030'
    }

    It 'takes names' {
        @('NanoServer' | Save-ContainerImage -Source ./samples -Path (New-Folder)).Version | Should -Be '10.0.14300.1010'
    }

    It 'goes on to the next object after an error' {
        $folder = New-Folder
        $saved = @('nope', 'NanoServer' | Save-ContainerImage -Source ./samples -Path $folder -ErrorAction SilentlyContinue -ErrorVariable failed)
        $saved.Count | Should -Be 1
        $failed[0].TargetObject | Should -Be 'nope'
    }

    It 'lets what was typed win over what the object says' {
        $found = Find-ContainerImage NanoServer -Source ./samples
        ($found | Save-ContainerImage -Path (New-Folder) -RequiredVersion 10.0.14300.1000).Version | Should -Be '10.0.14300.1000'
    }

    It 'refuses an object without a name or a path' {
        [pscustomobject]@{ Colour = 'red' } | Install-ContainerImage -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].FullyQualifiedErrorId | Should -Be 'USAGE,Install-ContainerImage'
    }

    It 'tags by the pipeline' {
        (Get-ContainerImage nanoserver:latest | Set-ContainerImageTag -To base:x).Tag | Should -Be 'base:x'
        (Remove-ContainerImageTag base:x).Tag | Should -Be 'base:x'
    }

    It 'shows history, details and what a WIM holds' {
        @(Get-ContainerImageHistory nanoserver)[0].CreatedBy | Should -Match 'Apply image'
        (Get-ContainerImage nanoserver:latest | Get-ContainerImageDetail).Platform | Should -Match '^windows/amd64'
        (Get-ContainerImageDetail ./samples/NanoServer-10-0-14300-1010.wim) | Should -Not -BeNullOrEmpty
    }
}

Describe 'paths' {
    It 'takes drives of PowerShell, with backslashes on every system' {
        $folder = New-Folder
        New-PSDrive -Name Stick -PSProvider FileSystem -Root $folder | Out-Null
        $saved = Save-ContainerImage NanoServer -Source ./samples -Path 'Stick:\'
        $saved.Path | Should -Be (Join-Path $folder 'NanoServer-10-0-14300-1010.wim')
    }

    It 'takes a wildcard that means one folder, and refuses one that means several' {
        $parent = New-Folder
        New-Item -ItemType Directory "$parent/temp", "$parent/tmp" | Out-Null
        (Save-ContainerImage NanoServer -Source ./samples -Path "$parent/te*").Path | Should -Match 'temp'
        Save-ContainerImage NanoServer -Source ./samples -Path "$parent/t*p" -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].Exception.Message | Should -Match 'Multiple matches found'
        Save-ContainerImage NanoServer -Source ./samples -Path "$parent/x*" -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].FullyQualifiedErrorId | Should -Be 'PATH_NOT_FOUND,Save-ContainerImage'
    }

    It 'takes -LiteralPath as it is written' {
        $folder = New-Folder 'a [b] c'
        (Save-ContainerImage NanoServer -Source ./samples -LiteralPath $folder).Path | Should -Be (Join-Path $folder 'NanoServer-10-0-14300-1010.wim')
    }

    It 'is relative to the location of PowerShell, not of the process' {
        $folder = New-Folder
        Copy-Item ./samples/NanoServer-10-0-14300-1010.wim $folder
        Push-Location $folder
        try { (Test-ContainerImage ./NanoServer-10-0-14300-1010.wim).Ok | Should -BeTrue } finally { Pop-Location }
    }

    It 'works from a location that is no folder' {
        Push-Location Env:
        try { @(Find-ContainerImage NanoServer -Source (Join-Path $env:TEST_FOLDER 'samples')).Count | Should -Be 1 } finally { Pop-Location }
    }

    It 'passes on names with spaces, quotes, backslashes and letters of any language' {
        foreach ($name in 'two words', "it's", 'say "hi"', 'back\', 'b "q\" r\\', 'Grüße 東京', '-Force', 'a,b') {
            Find-ContainerImage -Name $name -Source ./samples -ErrorAction SilentlyContinue -ErrorVariable failed
            $failed[0].FullyQualifiedErrorId | Should -Match '^(NO_MATCH|USAGE|INVALID_REFERENCE),' -Because $name
            $failed[0].Exception.Message | Should -Match ([regex]::Escape($name.Split(',')[0])) -Because $name
        }
    }

    It 'quotes arguments so that a program reads the same words' {
        InModuleScope ContainerImage {
            $words = 'plain', '', 'two words', 'say "hi"', 'back\', 'a b\', 'b "q\" r\\', "new`nline", 'Grüße', '\\server\share\', '"', '\"', '%PATH%', '^&|<>'
            $result = Invoke-Quietly (Get-NodePath) (@('-e', 'process.stdout.write(JSON.stringify(process.argv.slice(1)))', '--') + $words)
            ConvertFrom-Json $result.Text | Should -BeExactly $words
        }
    }

    It 'refuses standard input and output' {
        Install-ContainerImage - -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].FullyQualifiedErrorId | Should -Be 'USAGE,Install-ContainerImage'
    }
}
