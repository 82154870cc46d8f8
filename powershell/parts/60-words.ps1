# From bound parameters to the words of a command line.

# A path in PowerShell's terms as one for programs: `~`, drives of PowerShell. All else stays as it was written, and
# means what it means from the current folder.
function Resolve-ToolPath($Cmdlet, [string]$Path) {
    $isDrive = $Path -match '^([^:\\/]+):([\\/](?!/)|$)' -and $null -ne (Get-PSDrive -Name $Matches[1] -PSProvider FileSystem -ErrorAction Ignore)
    if ($isDrive -or $Path -match '^~([\\/]|$)' -or $Path -match '^(Microsoft\.PowerShell\.Core\\)?FileSystem::') { return Get-WholePath $Cmdlet $Path }
    return $Path
}

# A folder that shall be made is told from a file by the separator at its end.
function Get-WholePath($Cmdlet, [string]$Path) {
    $whole = $Cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
    if ($Path -match '[\\/]$' -and $whole -notmatch '[\\/]$') { $whole += [IO.Path]::DirectorySeparatorChar }
    return $whole
}

# -Path may hold wildcards, as everywhere in PowerShell, but must mean one place.
function Resolve-SavePath($Cmdlet, [string]$Path) {
    if (-not [System.Management.Automation.WildcardPattern]::ContainsWildcardCharacters($Path)) { return Resolve-ToolPath $Cmdlet $Path }
    $provider = $null
    $found = @()
    try { $found = @($Cmdlet.GetResolvedProviderPathFromPSPath($Path, [ref]$provider)) } catch { $found = @() }
    if ($found.Count -eq 1) { return $found[0] }
    if ($found.Count -eq 0) { throw (New-ModuleError 'PATH_NOT_FOUND' "Cannot find the path '$Path' because it does not exist" 'Check the path, or use -LiteralPath for one with [ or ] in its name.') }
    throw (New-ModuleError 'USAGE' "Multiple matches found '$($found -join "', '")' for the specified folder '$Path'." 'Give one folder.')
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
    $words = @($Entry.Command) + @('--json', '--progress=json') + @($options)
    if ($places.Count -gt 0) { $words += @('--') + @($places) }
    return $words
}

function Get-ToolValue($Cmdlet, $Parameter, $Value) {
    $text = [string]$Value
    if ($text -eq '-') { throw (New-ModuleError 'USAGE' "-$($Parameter.Name): '-' means standard input or output, which a cmdlet does not have." 'Give the path of a file or folder.') }
    if ($Parameter.IsPath -and $text -ne '') { return Resolve-ToolPath $Cmdlet $text }
    return $text
}
