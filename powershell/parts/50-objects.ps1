# Documents of the tool as objects.

# What comes from images themselves keeps the names that it has there.
$script:Foreign = @('manifest', 'config', 'annotations', 'labels', 'index')

function ConvertFrom-ToolJson([string]$Text) {
    if (-not $Text.Trim()) { return $null }
    try { return ConvertFrom-Json $Text }
    catch {
        # Names that differ only in case, such as labels of an image.
        if ((Get-Command ConvertFrom-Json).Parameters.ContainsKey('AsHashtable')) { return ConvertFrom-Json $Text -AsHashtable }
        Add-Type -AssemblyName System.Web.Extensions
        $serializer = New-Object System.Web.Script.Serialization.JavaScriptSerializer
        $serializer.MaxJsonLength = [int]::MaxValue
        return $serializer.DeserializeObject($Text)
    }
}

# An object with members in PowerShell's spelling, of a type that formats know.
function ConvertTo-Typed($Value, [string]$TypeName) {
    $members = [ordered]@{}
    foreach ($pair in (Get-Pairs $Value)) { $members[(ConvertTo-Pascal $pair.Name)] = ConvertTo-Plain $pair.Name $pair.Value }
    $object = [pscustomobject]$members
    if ($TypeName) { $object.PSObject.TypeNames.Insert(0, $TypeName) }
    return $object
}

function Get-Pairs($Value) {
    if ($Value -is [System.Collections.IDictionary]) {
        foreach ($key in @($Value.Keys)) { [pscustomobject]@{ Name = [string]$key; Value = $Value[$key] } }
    } else {
        foreach ($member in $Value.PSObject.Properties) { [pscustomobject]@{ Name = $member.Name; Value = $member.Value } }
    }
}

function ConvertTo-Plain([string]$Name, $Value) {
    if ($null -eq $Value -or $script:Foreign -contains $Name) { return $Value }
    if ($Value -is [string]) {
        # Windows PowerShell 5.1 leaves times as text, PowerShell 7 does not.
        if ($Value -match '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$') {
            try { return [datetime]::Parse($Value, [Globalization.CultureInfo]::InvariantCulture, [Globalization.DateTimeStyles]::RoundtripKind) } catch { return $Value }
        }
        return $Value
    }
    if ($Value -is [array]) { return , @($Value | ForEach-Object { ConvertTo-Plain '' $_ }) }
    if ($Value -is [System.Management.Automation.PSCustomObject] -or $Value -is [System.Collections.IDictionary]) { return ConvertTo-Typed $Value '' }
    return $Value
}

function ConvertTo-Pascal([string]$Name) {
    if ($Name -eq '') { return $Name }
    return $Name.Substring(0, 1).ToUpperInvariant() + $Name.Substring(1)
}

# The objects of a document, as a cmdlet puts them out.
function Write-ToolObjects($Cmdlet, $Entry, $Document) {
    $type = $Entry.Type
    switch ($Entry.Shape) {
        'list' { foreach ($one in @($Document)) { if ($null -ne $one) { $Cmdlet.WriteObject((ConvertTo-Typed $one $type)) } } }
        'saved' { Write-SavedImages $Cmdlet $Document $type }
        'settings' {
            if (Get-Member_ $Document 'key') { $Cmdlet.WriteObject((ConvertTo-Typed $Document $type)) }
            else {
                foreach ($pair in (Get-Pairs $Document)) {
                    $Cmdlet.WriteObject((ConvertTo-Typed ([pscustomobject]@{ key = $pair.Name; value = $pair.Value }) $type))
                }
            }
        }
        'images' { foreach ($one in @(Get-Member_ $Document 'images')) { if ($null -ne $one) { $Cmdlet.WriteObject((ConvertTo-Typed $one $type)) } } }
        'removed' { foreach ($one in @(Get-Member_ $Document 'removed')) { if ($null -ne $one) { $Cmdlet.WriteObject((ConvertTo-Typed $one $type)) } } }
        default { if ($null -ne $Document) { $Cmdlet.WriteObject((ConvertTo-Typed $Document $type)) } }
    }
}

# Each saved image with the file that it is in, so that it can go on to Install- or Test-ContainerImage.
function Write-SavedImages($Cmdlet, $Document, [string]$Type) {
    $files = @(Get-Member_ $Document 'files' | Where-Object { $null -ne $_ } | ForEach-Object { $_.path })
    $images = @(Get-Member_ $Document 'images' | Where-Object { $null -ne $_ })
    $media = Get-Member_ $Document 'media'
    for ($at = 0; $at -lt $images.Count; $at++) {
        $object = ConvertTo-Typed $images[$at] $Type
        $own = $files
        if ($null -ne $media) { $own = @($media.path) }
        elseif ($files.Count -eq $images.Count) { $own = @($files[$at]) }
        $first = $null
        if ($own.Count -gt 0) { $first = $own[0] }
        Add-Member -InputObject $object -MemberType NoteProperty -Name Path -Value $first
        Add-Member -InputObject $object -MemberType NoteProperty -Name Files -Value $own
        $Cmdlet.WriteObject($object)
    }
}
