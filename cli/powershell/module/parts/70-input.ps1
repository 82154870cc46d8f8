# What came through the pipeline, as parameters.

# The parameters that an object gives: what was typed wins over what the object says.
function Get-BoundOfInput($Entry, $Item, [hashtable]$Bound) {
    $given = @{}
    foreach ($name in $Bound.Keys) { if ($name -ne 'InputObject' -and $name -ne 'ContainerImage') { $given[$name] = $Bound[$name] } }
    $target = $Entry.Input
    if ($Item -is [string]) { $given[$target] = $Item; return $given }
    if ($Item -is [IO.FileSystemInfo]) { $given[$target] = $Item.FullName; return $given }
    $types = @($Item.PSObject.TypeNames)
    $name = [string](Get-Member_ $Item 'Name')
    $path = [string](Get-FirstMember $Item @('Path', 'NameOrPath', 'FullPath', 'WimPath'))
    if ($types -contains 'ContainerImage.StoredImage') { Set-StoredImage $Entry $Item $given }
    elseif ($Entry.InputKind -ne 'installed' -and $path) { $given[$target] = $path }
    elseif ($types -contains 'ContainerImage.InstalledImage' -and $Entry.InputKind -ne 'catalog') { Set-InstalledImage $Entry $Item $given }
    elseif ($name) {
        $given[$target] = $name
        Set-FromMember $Entry $Item $given 'RequiredVersion' @('Version', 'RequiredVersion')
        Set-FromMember $Entry $Item $given 'Version' @('Version', 'RequiredVersion')
        Set-FromMember $Entry $Item $given 'Source' @('Source')
        Set-FromMember $Entry $Item $given 'Platform' @('Platform')
        if ($types -contains 'ContainerImage.FoundImage') { Set-Platform $Entry $Item $given }
    }
    else {
        Set-Problem 'USAGE' 'An object from the pipeline has neither a name nor a path.' 'Pipe names, files, what the other cmdlets of this module put out, or rows with a column Name.'
        return $null
    }
    Remove-Empty $given
    return $given
}

function Get-FirstMember($Item, [string[]]$Names) {
    foreach ($name in $Names) {
        $value = Get-Member_ $Item $name
        if ($value) { return $value }
    }
    return $null
}

function Test-Takes($Entry, [string]$Name) {
    return @($Entry.Options | Where-Object { $_.Name -eq $Name }).Count -gt 0
}

function Set-FromMember($Entry, $Item, [hashtable]$Given, [string]$Parameter, [string[]]$Members) {
    if ($Given.ContainsKey($Parameter) -or -not (Test-Takes $Entry $Parameter)) { return }
    $value = Get-FirstMember $Item $Members
    if ($value) { $Given[$Parameter] = [string]$value }
}

# A row of Get-ContainerImage: one tag of the store.
function Set-StoredImage($Entry, $Item, [hashtable]$Given) {
    if ($Entry.Command[0] -eq 'uninstall') { Set-Uninstalled $Item $Given; return }
    $Given[$Entry.Input] = "$($Item.Repository):$($Item.Tag)"
    if ($Entry.InputKind -eq 'catalog') {
        # Out of the store itself, whatever the sources offer by now.
        $Given[$Entry.Input] = $Item.Repository
        $Given['RequiredVersion'] = $Item.Version
        $Given['Source'] = 'store:'
    }
}

# The image with all of its tags, and not this one tag of it.
function Set-Uninstalled($Item, [hashtable]$Given) {
    if ($Item.FullName) { $Given['FullName'] = $Item.FullName; return }
    $Given['Name'] = $Item.Name
    $Given['Version'] = $Item.Version
}

function Set-InstalledImage($Entry, $Item, [hashtable]$Given) {
    if ($Entry.Command[0] -eq 'uninstall') { Set-Uninstalled $Item $Given; return }
    $Given[$Entry.Input] = @($Item.Tags)[0]
}

# Of an image that is there for several platforms, the one of this row.
function Set-Platform($Entry, $Item, [hashtable]$Given) {
    if ($Given.ContainsKey('Platform') -or $Given.ContainsKey('AllPlatforms') -or -not (Test-Takes $Entry 'Platform')) { return }
    $os = Get-Member_ $Item 'Os'
    $architecture = Get-Member_ $Item 'Architecture'
    if (-not $os -or -not $architecture) { return }
    $platform = "$os/$architecture"
    $variant = Get-Member_ $Item 'Variant'
    if ($variant) { $platform += "/$variant" }
    $Given['Platform'] = $platform
}

# An empty column of a table is no value.
function Remove-Empty([hashtable]$Given) {
    foreach ($name in @($Given.Keys)) {
        if ($Given[$name] -is [string] -and $Given[$name] -eq '') { [void]$Given.Remove($name) }
    }
}
