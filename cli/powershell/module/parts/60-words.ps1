# From bound parameters to the words of a command line.

# A path in PowerShell's terms as one for programs: `~`, drives of PowerShell. All else stays as it was written, and
# means what it means from the current folder.
function Resolve-ToolPath($Cmdlet, [string]$Path) {
    $isDrive = $Path -match '^([^:\\/]+):(?!//)(?=[\\/]|$)' -and $null -ne (Get-FileDrive $Cmdlet $Matches[1])
    if ($isDrive) { return Get-WholePath $Cmdlet $Path }
    if ($Path -match '^~([\\/]|$)' -or $Path -match '^(Microsoft\.PowerShell\.Core\\)?FileSystem::') { return Get-WholePath $Cmdlet $Path }
    return $Path
}

# A drive of files that the caller has under that name, in whichever scope it was made.
function Get-FileDrive($Cmdlet, [string]$Name) {
    $drives = @($Cmdlet.SessionState.Drive.GetAllForProvider('FileSystem'))
    return $drives | Where-Object { $_.Name -eq $Name } | Select-Object -First 1
}

function Join-Drive($Drive, [string]$Rest) {
    $separator = [string][IO.Path]::DirectorySeparatorChar
    return ($Drive.Root.TrimEnd('\', '/') + $Rest.Replace('\', $separator).Replace('/', $separator))
}

# A folder that shall be made is told from a file by the separator at its end.
function Get-WholePath($Cmdlet, [string]$Path) {
    if ($Path -match '^([^:\\/]+):(?!//)(?=[\\/]|$)(.*)$') {
        $rest = $Matches[2]
        $drive = Get-FileDrive $Cmdlet $Matches[1]
        if ($null -ne $drive) { return Join-Drive $drive $rest }
    }
    $whole = $Cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
    if ($Path -match '[\\/]$' -and $whole -notmatch '[\\/]$') { $whole += [IO.Path]::DirectorySeparatorChar }
    return $whole
}

# -Path may hold wildcards, as everywhere in PowerShell, but must mean one place.
function Resolve-SavePath($Cmdlet, [string]$Path) {
    if (-not [System.Management.Automation.WildcardPattern]::ContainsWildcardCharacters($Path)) { return Resolve-ToolPath $Cmdlet $Path }
    $provider = $null
    $whole = Resolve-ToolPath $Cmdlet $Path
    $found = @()
    try { $found = @($Cmdlet.GetResolvedProviderPathFromPSPath($whole, [ref]$provider)) } catch { $found = @() }
    if ($found.Count -eq 1) { return $found[0] }
    if ($found.Count -eq 0) { Set-Problem 'PATH_NOT_FOUND' "Cannot find the path '$Path' because it does not exist" 'Check the path, or use -LiteralPath for one with [ or ] in its name.'; return $null }
    Set-Problem 'USAGE' "Multiple matches found '$($found -join "', '")' for the specified folder '$Path'." 'Give one folder.'
    return $null
}

function Get-ToolWords($Cmdlet, $Entry, [hashtable]$Bound) {
    $options = New-Object System.Collections.ArrayList
    $places = New-Object System.Collections.ArrayList
    foreach ($place in $Entry.Places) {
        if ($Bound.ContainsKey($place.Name)) {
            foreach ($value in @($Bound[$place.Name])) { [void]$places.Add((Get-ToolValue $Cmdlet $place $value)) }
        }
    }
    foreach ($option in $Entry.Options) {
        if (-not $Bound.ContainsKey($option.Name)) { continue }
        $value = $Bound[$option.Name]
        if ($option.Kind -eq 'switch') { if ($value) { [void]$options.Add("--$($option.Key)") } }
        else { foreach ($one in @($value)) { [void]$options.Add("--$($option.Key)=$(Get-ToolValue $Cmdlet $option $one)") } }
    }
    $command = @($Entry.Command)
    # Without a name all settings are meant.
    if ($Entry.Shape -eq 'settings' -and $command[1] -eq 'get' -and $places.Count -eq 0) { $command = @('config', 'list') }
    $words = $command + @('--json', '--progress=json') + @($options)
    if ($places.Count -gt 0) { $words += @('--') + @($places) }
    return $words
}

function Get-ToolValue($Cmdlet, $Parameter, $Value) {
    $text = [string]$Value
    if ($text -eq '-') { Set-Problem 'USAGE' "-$($Parameter.Name): '-' means standard input or output, which a cmdlet does not have." 'Give the path of a file or folder.'; return $null }
    if ($Parameter.IsPath -and $text -ne '') { return Resolve-ToolPath $Cmdlet $text }
    return $text
}
