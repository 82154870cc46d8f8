BeforeAll { . (Join-Path $PSScriptRoot 'common.ps1') }

Describe 'ways of PowerShell' {
    BeforeAll {
        New-Store
        # A host of its own: what it asks, and what it shows as progress, can be looked at.
        function Invoke-Apart([string]$Script) {
            $shell = [powershell]::Create()
            [void]$shell.AddScript("Import-Module '$env:TEST_MODULE'; Set-Location '$env:TEST_FOLDER'; $Script")
            $shell
        }
    }

    It 'takes defaults from $PSDefaultParameterValues' {
        $store = New-Folder
        $defaults = $PSDefaultParameterValues
        $global:PSDefaultParameterValues = @{ '*-ContainerImage:Store' = $store; 'Find-ContainerImage:Source' = './samples' }
        try {
            @(Find-ContainerImage NanoServer).Count | Should -Be 1
            Install-ContainerImage ./samples/NanoServer-10-0-14300-1010.wim | Out-Null
            Test-Path "$store/index.json" | Should -BeTrue
        } finally { $global:PSDefaultParameterValues = $defaults }
    }

    It 'says what it copies with -Verbose, and notes as warnings' {
        $said = Save-ContainerImage NanoServer -RequiredVersion 10.0.14300.1000 -Source ./samples -Path (New-Folder) -Verbose 4>&1
        @($said | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }).Message -join "`n" | Should -Match '3\.00 MB'
        Install-ContainerImage ./samples/NanoServer-10-0-14300-1010.wim | Out-Null
        Save-ContainerImage WindowsServerCore -Source ./samples/SearchContainerImages.json -Path (New-Folder) -WarningVariable warned -WarningAction SilentlyContinue -ErrorAction SilentlyContinue | Out-Null
        "$warned" | Should -Match 'SHA-256'
    }

    It 'shows progress as records of PowerShell, the last of them completed' {
        $shell = Invoke-Apart "Save-ContainerImage NanoServer -RequiredVersion 10.0.14300.1000 -Source ./samples -Path '$(New-Folder)'"
        try {
            [void]$shell.Invoke()
            $records = @($shell.Streams.Progress)
            $records.Count | Should -BeGreaterThan 1
            $records[0].Activity | Should -Match 'NanoServer'
            @($records | Where-Object PercentComplete -eq 100).Count | Should -BeGreaterThan 0
            $records[-1].RecordType | Should -Be 'Completed'
        } finally { $shell.Dispose() }
    }

    It 'stops the tool in order when the pipeline is stopped, as by Ctrl-C' {
        $silent = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $silent.Start()
        $port = $silent.LocalEndpoint.Port
        $shell = Invoke-Apart "Receive-ContainerImage 127.0.0.1:$port/some/thing:1.0"
        try {
            $running = $shell.BeginInvoke()
            $connection = $silent.AcceptTcpClient()
            $tools = @(Get-Process node | Where-Object { $_.Parent.Id -eq $PID } | ForEach-Object Id)
            $tools.Count | Should -Be 1
            [void]$shell.Stop()
            Get-Process -Id $tools[0] -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $connection.Dispose()
        } finally { $silent.Stop(); $shell.Dispose() }
    }

    It 'works under strict mode' {
        Set-StrictMode -Version Latest
        try { @(Find-ContainerImage -Source ./samples).Count | Should -Be 2 } finally { Set-StrictMode -Off }
    }

    It 'reads UTF-8 whatever the code page of the console' {
        $before = [Console]::OutputEncoding
        $folder = New-Folder 'Größe-東京'
        try {
            [Console]::OutputEncoding = [Text.Encoding]::Latin1
            (Save-ContainerImage NanoServer -Source ./samples -Path $folder).Path | Should -Be (Join-Path $folder 'NanoServer-10-0-14300-1010.wim')
        } finally { [Console]::OutputEncoding = $before }
    }

    It 'makes objects of a long list' {
        $index = Join-Path (New-Folder) 'index.json'
        $images = 1..3000 | ForEach-Object { @{ Name = "image-$_"; Version = "1.0.$_.0"; Description = 'Grüße "quoted"'; SasToken = "https://registry.example.org/$_.wim" } }
        [IO.File]::WriteAllText($index, (ConvertTo-Json @($images)))
        $found = @(Find-ContainerImage -Source $index)
        $found.Count | Should -Be 3000
        $found[2999].Summary | Should -Be 'Grüße "quoted"'
    }

    It 'completes names, versions, sources, platforms and what is installed' {
        Register-ContainerImageSource teststick ./samples | Out-Null
        try {
            function Get-Completed([string]$Line) { (TabExpansion2 $Line -cursorColumn $Line.Length).CompletionMatches.CompletionText }
            Get-Completed 'Save-ContainerImage -Source ./samples Na' | Should -Contain 'NanoServer'
            Get-Completed 'Find-ContainerImage NanoServer -Source ./samples -RequiredVersion ' | Should -Contain '10.0.14300.1000'
            Get-Completed 'Find-ContainerImage -Source tests' | Should -Be 'teststick'
            Get-Completed 'Find-ContainerImage NanoServer -Source ./samples -Platform ' | Should -Contain 'windows/amd64'
            Get-Completed 'Save-ContainerImage x -Format ' | Should -Contain 'oci-archive'
            Install-ContainerImage ./samples/NanoServer-10-0-14300-1010.wim | Out-Null
            Import-Module $env:TEST_MODULE -Force
            Get-Completed 'Get-ContainerImage nano' | Should -Contain 'nanoserver:latest'
            Get-Completed 'Uninstall-ContainerOSImage -FullName ' | Should -Contain 'CN=Microsoft_NanoServer_10.0.14300.1010'
        } finally { Unregister-ContainerImageSource teststick | Out-Null }
    }
}
