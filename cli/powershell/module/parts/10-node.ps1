# Which Node runs containerimage.mjs, which lies beside this module's folder.

$script:Tool = Join-Path (Split-Path -Parent $PSScriptRoot) 'containerimage.mjs'
# Windows PowerShell 5.1 has no $IsWindows.
$script:OnWindows = [Environment]::OSVersion.Platform -eq [PlatformID]::Win32NT
$script:Node = $null
# The folder of a Node that was unpacked for this session alone.
$script:UnpackedNode = $null

function Get-NodePath {
    if ($null -eq $script:Node -or -not [IO.File]::Exists($script:Node)) {
        $found = Find-NodeOnPath
        if ($null -eq $found) { $found = Get-CarriedNode }
        $script:Node = $found
    }
    return $script:Node
}

# A program in the folder that one happens to be in is not meant, so only whole paths count.
function Find-NodeOnPath {
    $name = 'node'
    if ($script:OnWindows) { $name = 'node.exe' }
    foreach ($folder in ([string]$env:PATH).Split([IO.Path]::PathSeparator)) {
        $folder = $folder.Trim().Trim('"')
        if ($folder -eq '' -or -not [IO.Path]::IsPathRooted($folder)) { continue }
        $candidate = $null
        try { $candidate = [IO.Path]::Combine($folder, $name) } catch { continue }
        if ([IO.File]::Exists($candidate)) {
            if (Test-NodeVersion $candidate) { return $candidate }
            return $null
        }
    }
    return $null
}

function Test-NodeVersion([string]$Path) {
    try {
        $result = Invoke-Quietly $Path @('-e', $script:IsNewEnough)
        return $result.ExitCode -eq 0
    } catch { return $false }
}

# The Node that was carried along with the tool: out of its archive, for as long as this session lasts, or for good
# into the folder that CONTAINERIMAGE_NODE_DIR names.
function Get-CarriedNode {
    $home_ = Split-Path -Parent $PSScriptRoot
    $archive = Get-CarriedArchive
    if ($null -eq $archive) {
        Set-Problem 'PROGRAM_MISSING' "This host has no $script:WantedNode, and none for this kind of machine lies at $home_." 'Install Node, or carry an archive of it along with Save-ContainerImage -WithNode.'
        return $null
    }
    $place = [string]$env:CONTAINERIMAGE_NODE_DIR
    $staysThere = $place -ne ''
    if (-not $staysThere) { $place = [IO.Path]::Combine([IO.Path]::GetTempPath(), 'containerimage-node-' + [Guid]::NewGuid().ToString('N')) }
    $inside = 'bin/node'
    if ($script:OnWindows) { $inside = 'node.exe' }
    $node = [IO.Path]::Combine($place, $archive.folder, $inside)
    if ($staysThere -and [IO.File]::Exists($node) -and (Test-NodeVersion $node)) { return $node }
    $file = Join-Path $home_ $archive.fileName
    if (-not [IO.File]::Exists($file)) {
        Set-Problem 'PROGRAM_MISSING' "$($archive.fileName) is not in $home_." 'Copy it there again.'
        return $null
    }
    if ((Get-Sha256 $file) -ne $archive.sha256) {
        Set-Problem 'PROGRAM_MISSING' "$($archive.fileName) is damaged." 'Copy it here again.'
        return $null
    }
    if (-not $staysThere) { $script:UnpackedNode = $place }
    [void](Expand-NodeArchive $file $archive "$($archive.folder)/$inside" $node $place)
    if ($null -ne $script:Problem) { return $null }
    if (-not (Test-NodeVersion $node)) {
        Set-Problem 'PROGRAM_MISSING' "The Node of $($archive.fileName) does not run on this host, or not from $place." 'Name another folder in CONTAINERIMAGE_NODE_DIR.'
        return $null
    }
    return $node
}

function Get-CarriedArchive {
    $list = Join-Path $PSScriptRoot 'carried-node.json'
    if (-not [IO.File]::Exists($list)) { return $null }
    $system, $architecture = Get-Machine
    $all = [IO.File]::ReadAllText($list) | ConvertFrom-Json
    return @($all | Where-Object { $_.system -eq $system -and $_.architecture -eq $architecture }) | Select-Object -First 1
}

# System and architecture as Node names them.
function Get-Machine {
    if ($script:OnWindows) {
        $machine = $env:PROCESSOR_ARCHITEW6432
        if (-not $machine) { $machine = $env:PROCESSOR_ARCHITECTURE }
        $names = @{ AMD64 = 'x64'; x86 = 'x86'; ARM64 = 'arm64' }
        return 'win', $names[[string]$machine]
    }
    $names = @{ X64 = 'x64'; Arm64 = 'arm64'; Arm = 'armv7l'; S390x = 's390x'; Ppc64le = 'ppc64le' }
    $machine = [string][Runtime.InteropServices.RuntimeInformation]::OSArchitecture
    $system = 'linux'
    if ([Runtime.InteropServices.RuntimeInformation]::IsOSPlatform([Runtime.InteropServices.OSPlatform]::OSX)) { $system = 'darwin' }
    return $system, $names[$machine]
}

function Get-Sha256([string]$Path) {
    $stream = [IO.File]::OpenRead($Path)
    $sha = [Security.Cryptography.SHA256]::Create()
    try { return ([BitConverter]::ToString($sha.ComputeHash($stream)) -replace '-', '').ToLowerInvariant() }
    finally { $sha.Dispose(); $stream.Dispose() }
}

# Takes the one program out of an archive, and nothing else of it.
function Expand-NodeArchive([string]$File, $Archive, [string]$Member, [string]$Target, [string]$Place) {
    [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($Target))
    if ($Archive.format -eq 'zip') {
        Add-Type -AssemblyName System.IO.Compression
        $stream = [IO.File]::OpenRead($File)
        $zip = New-Object System.IO.Compression.ZipArchive $stream
        try {
            $from = $zip.GetEntry($Member).Open()
            $to = [IO.File]::Create($Target)
            try { $from.CopyTo($to) } finally { $to.Dispose(); $from.Dispose() }
        } finally { $zip.Dispose(); $stream.Dispose() }
        return
    }
    # The PATH may be empty; tar looks there for xz.
    $tar = @('/usr/bin/tar', '/bin/tar') | Where-Object { [IO.File]::Exists($_) } | Select-Object -First 1
    if ($null -eq $tar) { Set-Problem 'PROGRAM_MISSING' "$File cannot be unpacked, as this host has no tar." 'Install Node.'; return $null }
    $letter = 'z'
    if ($Archive.format -eq 'tar.xz') { $letter = 'J' }
    $result = Invoke-Quietly $tar @("-x${letter}f", $File, '-C', $Place, $Member) @{ PATH = '/usr/bin:/bin' }
    if ($result.ExitCode -ne 0) {
        Set-Problem 'PROGRAM_MISSING' "$File could not be unpacked: $($result.Text)" 'Where the program xz is missing, carry the .tar.gz of Node along.'
        return $null
    }
}

function Remove-UnpackedNode {
    if ($null -eq $script:UnpackedNode) { return }
    try { [IO.Directory]::Delete($script:UnpackedNode, $true) } catch { Write-Debug "$_" }
    $script:UnpackedNode = $null
    $script:Node = $null
}
