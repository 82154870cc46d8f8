# One run of the tool: its progress and notes while it works, its document and its error at the end.

# Returns @{ ExitCode; Document; Error; Lines }. The document is JSON text.
function Invoke-Tool($Cmdlet, [string[]]$Words, [string]$FirstLine) {
    $words = $Words
    $folder = $Cmdlet.CurrentProviderLocation('FileSystem').ProviderPath
    $process = $null
    $shown = @{}
    $lines = New-Object System.Collections.ArrayList
    $problem = $null
    try {
        $process = Start-Tool $words $folder $FirstLine
        if ($null -eq $process) { return $null }
        $out = $process.StandardOutput.ReadToEndAsync()
        $next = $process.StandardError.ReadLineAsync()
        while ($true) {
            # In short waits, so that Ctrl-C gets through.
            if (-not $next.Wait(100)) { continue }
            $line = $next.Result
            if ($null -eq $line) { break }
            $next = $process.StandardError.ReadLineAsync()
            $read = Read-ToolLine $line
            if ($null -eq $read) { if ($line.Trim()) { [void]$lines.Add($line) } }
            elseif ($read.PSObject.Properties['error']) { $problem = $read.error }
            else { Show-ToolEvent $Cmdlet $read $shown }
        }
        while (-not $out.Wait(100)) { }
        while (-not $process.WaitForExit(100)) { }
        return @{ ExitCode = $process.ExitCode; Document = $out.Result; Error = $problem; Lines = @($lines) }
    } finally {
        Stop-Tool $process
        Hide-ToolProgress $Cmdlet $shown
    }
}

# A line of stderr as an object; $null for one that is not JSON.
function Read-ToolLine([string]$Line) {
    if (-not $Line.StartsWith('{')) { return $null }
    try { return ConvertFrom-Json $Line } catch { return $null }
}

function Show-ToolEvent($Cmdlet, $Read, [hashtable]$Shown) {
    $kind = Get-Member_ $Read 'event'
    if ($kind -eq 'note') { $Cmdlet.WriteWarning([string]$Read.message) }
    elseif ($kind -eq 'begin' -or $kind -eq 'progress') { Show-ToolProgress $Cmdlet $Read $Shown }
    elseif ($kind -eq 'end') { $Cmdlet.WriteVerbose("$($Read.task): $(Format-Size $Read.done) in $($Read.seconds) s") }
    elseif ($kind -eq 'blob') { $Cmdlet.WriteVerbose("$($Read.label), $(Format-Size $Read.size)") }
}

function Show-ToolProgress($Cmdlet, $Read, [hashtable]$Shown) {
    $done = Get-Member_ $Read 'done'
    if ($null -eq $done) { $done = 0 }
    $total = [double]$Read.total
    $status = "$(Format-Size $done) of $(Format-Size $total)"
    $rate = Get-Member_ $Read 'bytesPerSecond'
    if ($rate) { $status += ", $(Format-Size $rate)/s" }
    $record = New-Object System.Management.Automation.ProgressRecord 1, ([string]$Read.task), $status
    if ($total -gt 0) { $record.PercentComplete = [int][Math]::Min(100, [Math]::Floor(100 * $done / $total)) }
    $left = Get-Member_ $Read 'secondsLeft'
    if ($null -ne $left) { $record.SecondsRemaining = [int]$left }
    $Shown.Activity = [string]$Read.task
    $Cmdlet.WriteProgress($record)
}

function Hide-ToolProgress($Cmdlet, [hashtable]$Shown) {
    if (-not $Shown.ContainsKey('Activity')) { return }
    $record = New-Object System.Management.Automation.ProgressRecord 1, $Shown.Activity, 'Done'
    $record.RecordType = [System.Management.Automation.ProgressRecordType]::Completed
    # A pipeline that is being stopped takes no more records.
    try { $Cmdlet.WriteProgress($record) } catch { Write-Debug "$_" }
}

# A member of an object that may not have it.
function Get-Member_($Object, [string]$Name) {
    if ($null -eq $Object) { return $null }
    $member = $Object.PSObject.Properties[$Name]
    if ($null -eq $member) { return $null }
    return $member.Value
}

# Bytes in powers of ten, as the tool prints them.
function Format-Size($Bytes) {
    $value = [double]$Bytes
    $culture = [Globalization.CultureInfo]::InvariantCulture
    if ($value -lt 1000) { return [string]::Format($culture, '{0:0} B', $value) }
    $units = 'kB', 'MB', 'GB', 'TB', 'PB'
    $at = -1
    while ($value -ge 1000 -and $at -lt $units.Count - 1) { $value = $value / 1000; $at++ }
    return [string]::Format($culture, '{0:0.00} {1}', $value, $units[$at])
}
