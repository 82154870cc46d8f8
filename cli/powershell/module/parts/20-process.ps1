# Starting a program and ending it.

# One word of a command line, as programs of Windows take it apart again. Windows PowerShell 5.1 has no list of
# arguments, and its own quoting loses quotes within a word.
function Format-Argument([string]$Word) {
    if ($Word -ne '' -and $Word -notmatch '[\s"]') { return $Word }
    $escaped = [regex]::Replace($Word, '(\\*)"', '$1$1\"')
    $escaped = [regex]::Replace($escaped, '(\\+)$', '$1$1')
    return '"' + $escaped + '"'
}

function New-StartInfo([string]$File, [string[]]$Words, [string]$Folder) {
    $utf8 = New-Object System.Text.UTF8Encoding $false
    $info = New-Object System.Diagnostics.ProcessStartInfo
    $info.FileName = $File
    $info.Arguments = (@($Words | ForEach-Object { Format-Argument $_ }) -join ' ')
    if ($Folder) { $info.WorkingDirectory = $Folder }
    $info.UseShellExecute = $false
    $info.CreateNoWindow = $false
    $info.RedirectStandardInput = $true
    $info.RedirectStandardOutput = $true
    $info.RedirectStandardError = $true
    # Whatever the code page of the console.
    $info.StandardOutputEncoding = $utf8
    $info.StandardErrorEncoding = $utf8
    return $info
}

# Runs a program to its end, for its exit code and what it wrote.
function Invoke-Quietly([string]$File, [string[]]$Words, [hashtable]$Variables = @{}) {
    $info = New-StartInfo $File $Words ''
    foreach ($name in $Variables.Keys) { $info.EnvironmentVariables[$name] = $Variables[$name] }
    $process = [Diagnostics.Process]::Start($info)
    try {
        $process.StandardInput.Close()
        $out = $process.StandardOutput.ReadToEndAsync()
        $err = $process.StandardError.ReadToEndAsync()
        # In short waits, so that Ctrl-C gets through.
        while (-not $process.WaitForExit(50)) { }
        return @{ ExitCode = $process.ExitCode; Text = ($err.Result + $out.Result).Trim() }
    } finally {
        if (-not $process.HasExited) { try { $process.Kill() } catch { Write-Debug "$_" } }
        $process.Dispose()
    }
}

# Starts the tool. Its stdin stays open: when that ends, it stops in order, as after Ctrl-C.
function Start-Tool([string[]]$Words, [string]$Folder, [string]$FirstLine) {
    if (-not [IO.File]::Exists($script:Tool)) {
        Set-Problem 'TOOL_MISSING' "The tool is not at $script:Tool." 'Install the package again, or copy containerimage.mjs beside the folder of this module.'
        return $null
    }
    $node = Get-NodePath
    if ($null -eq $node) { return $null }
    $info = New-StartInfo $node (@($script:Tool) + $Words) $Folder
    $info.EnvironmentVariables['CONTAINERIMAGE_CALLER'] = 'powershell'
    # What a user has set for other programs of Node must not change what this one prints.
    $info.EnvironmentVariables['NODE_NO_WARNINGS'] = '1'
    $process = [Diagnostics.Process]::Start($info)
    # A password, or an empty line where there is none.
    $bytes = [Text.Encoding]::UTF8.GetBytes("$FirstLine`n")
    $process.StandardInput.BaseStream.Write($bytes, 0, $bytes.Length)
    $process.StandardInput.BaseStream.Flush()
    return $process
}

# Ends the tool in order, if it has not ended by itself; it is killed only if it does not end at all.
function Stop-Tool($Process, [int]$Patience = 10000) {
    if ($null -eq $Process) { return }
    try { $Process.StandardInput.Close() } catch { Write-Debug "$_" }
    try {
        if (-not $Process.WaitForExit($Patience)) { $Process.Kill() }
    } catch { Write-Debug "$_" }
    $Process.Dispose()
}
