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

# The names of members in PowerShell's spelling, as they have been met.
$script:Spelt = @{}

# An object with members in PowerShell's spelling, of a type that formats know. It is called for every row of a long list,
# so it calls no other function for what is plain.
function ConvertTo-Typed($Value, [string]$TypeName) {
    $members = [ordered]@{}
    $pairs = $Value.PSObject.Properties
    if ($Value -is [System.Collections.IDictionary]) { $pairs = $Value.GetEnumerator() }
    foreach ($pair in $pairs) {
        $name = [string]$pair.Name
        $spelt = $script:Spelt[$name]
        if ($null -eq $spelt) {
            $spelt = $name
            if ($name -ne '') { $spelt = $name.Substring(0, 1).ToUpperInvariant() + $name.Substring(1) }
            $script:Spelt[$name] = $spelt
        }
        $one = $pair.Value
        if ($one -is [string] -and ($one.Length -lt 20 -or $one[10] -ne 'T')) { $members[$spelt] = $one }
        else { $members[$spelt] = ConvertTo-Plain $name $one }
    }
    $object = [pscustomobject]$members
    if ($TypeName) { $object.PSObject.TypeNames.Insert(0, $TypeName) }
    return $object
}

function ConvertTo-Plain([string]$Name, $Value) {
    if ($null -eq $Value -or $script:Foreign -contains $Name) { return , $Value }
    if ($Value -is [string]) {
        # Windows PowerShell 5.1 leaves times as text, PowerShell 7 does not.
        if ($Value -match '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$') {
            $time = [datetime]::MinValue
            $culture = [Globalization.CultureInfo]::InvariantCulture
            if ([datetime]::TryParse($Value, $culture, [Globalization.DateTimeStyles]::RoundtripKind, [ref]$time)) { return $time }
        }
        return $Value
    }
    if ($Value -is [array]) {
        $all = @(foreach ($one in $Value) { ConvertTo-Plain '' $one })
        return , $all
    }
    if ($Value -is [System.Management.Automation.PSCustomObject] -or $Value -is [System.Collections.IDictionary]) { return ConvertTo-Typed $Value '' }
    return $Value
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
                foreach ($pair in $Document.PSObject.Properties) {
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
