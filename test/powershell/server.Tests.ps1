BeforeAll { . (Join-Path $PSScriptRoot 'common.ps1') }

Describe 'a server' {
    BeforeAll { New-Store; Install-ContainerImage ./samples/NanoServer-10-0-14300-1010.wim | Out-Null }

    It 'runs in the background, serves, and is stopped in order' {
        $server = Start-ContainerImageServer -Listen 127.0.0.1:0
        $server.PSObject.TypeNames[0] | Should -Be 'ContainerImage.Server'
        (Invoke-RestMethod "$($server.Url)/v2/_catalog").repositories | Should -Contain 'nanoserver'
        $process = Get-Process -Id $server.Id
        $server | Stop-ContainerImageServer
        $process.HasExited | Should -BeTrue
    }

    It 'is asked like any registry: push, pull, search' {
        $server = Start-ContainerImageServer -Listen 127.0.0.1:0
        try {
            $place = "127.0.0.1:$($server.Port)"
            $pulled = Receive-ContainerImage "$place/nanoserver:10.0.14300.1010" -Platform windows/amd64 -Store (New-Folder)
            $pulled.Digest | Should -Be (Get-ContainerImage)[0].Digest
            @(Search-ContainerImage nano -Source $place).Name | Should -Not -BeNullOrEmpty
            Publish-ContainerImage nanoserver "$place/base" -ErrorAction SilentlyContinue -ErrorVariable failed
            $failed[0].FullyQualifiedErrorId | Should -Be 'REGISTRY_READ_ONLY,Publish-ContainerImage'
        } finally { Stop-ContainerImageServer }
    }

    It 'says why it does not start' {
        Start-ContainerImageServer -Listen 127.0.0.1:0 -TlsCert nope.pem -TlsKey nope.pem -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed.Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -Match ',Start-ContainerImageServer$'
    }

    It 'gives a password through stdin, never as an argument' {
        $users = Join-Path (New-Folder) 'users'
        Set-Content $users $env:TEST_HTPASSWD
        $server = Start-ContainerImageServer -Listen 127.0.0.1:0 -Auth $users
        try {
            $reference = "127.0.0.1:$($server.Port)/nanoserver:10.0.14300.1010"
            Receive-ContainerImage $reference -Platform windows/amd64 -Store (New-Folder) -ErrorAction SilentlyContinue -ErrorVariable failed
            $failed[0].CategoryInfo.Category | Should -Be 'AuthenticationError'
            $password = ConvertTo-SecureString 'pass wörd' -AsPlainText -Force
            $credential = New-Object System.Management.Automation.PSCredential 'operator', $password
            (Receive-ContainerImage $reference -Platform windows/amd64 -Store (New-Folder) -Credential $credential).Version | Should -Be '10.0.14300.1010'
        } finally { Stop-ContainerImageServer }
    }
}

Describe 'sources, settings and the rest' {
    BeforeAll { New-Store; Install-ContainerImage ./samples/NanoServer-10-0-14300-1010.wim | Out-Null }

    It 'registers, lists and forgets sources' {
        (Register-ContainerImageSource shelf ./samples).Type | Should -Be 'folder'
        @(Get-ContainerImageSource).Name | Should -Contain 'shelf'
        @(Find-ContainerImage NanoServer -Source shelf).Count | Should -Be 1
        Get-ContainerImageSource | Where-Object Name -eq shelf | Unregister-ContainerImageSource | Out-Null
        @(Get-ContainerImageSource).Name | Should -Not -Contain 'shelf'
    }

    It 'reads and changes settings' {
        (Set-ContainerImageSetting platform linux/arm64).Value | Should -Be 'linux/arm64'
        (Get-ContainerImageSetting platform).Value | Should -Be 'linux/arm64'
        @(Get-ContainerImageSetting).Key | Should -Contain 'platform'
        Set-ContainerImageSetting platform '' | Out-Null
        @(Get-ContainerImageSetting | Where-Object Key -eq platform).Count | Should -Be 0
        (Get-ContainerImageSettingPath).Path | Should -Match 'config'
    }

    It 'writes an inventory, and prints one' {
        $file = Join-Path (New-Folder) 'plant.json'
        (Export-ContainerImageInventory -Path $file).Images.Count | Should -Be 1
        Test-Path $file | Should -BeTrue
        @((Export-ContainerImageInventory).Images)[0].Name | Should -Be 'NanoServer'
    }

    It 'removes what nothing names' {
        Clear-ContainerImageStore -WhatIf | Should -BeNullOrEmpty
        Clear-ContainerImageStore | Should -BeNullOrEmpty
    }

    It 'reads receipts and the status of a media' {
        $media = New-Folder
        Save-ContainerImage NanoServer -Source ./samples -Format media -Path $media | Out-Null
        Install-ContainerImage $media -Receipt $media -ReceiptHost plant-7 -Store (New-Folder) | Out-Null
        @((Get-ContainerImageReceipt $media).Receipts).Count | Should -Be 1
        (Test-ContainerImageReceipt $media).Receipts | Should -Be 1
        (Get-ContainerImageMediaStatus $media).Hosts[0].Images[0].State | Should -Be 'delivered'
    }

    It 'prints the configuration of mirrors' {
        Set-ContainerImageSetting mirrors.docker.io https://registry.example.org | Out-Null
        try { @((Export-ContainerImageMirrorConfiguration podman -WarningAction SilentlyContinue).Files).Count | Should -BeGreaterThan 0 }
        finally { Set-ContainerImageSetting mirrors.docker.io '' | Out-Null }
    }
}
