# What every cmdlet of this module does, by its entry in the table.

# The preferences of the caller: a function in a module sees only global ones by itself.
function Get-CallerPreferences($Cmdlet, $Bound) {
    $all = @{
        ErrorActionPreference = 'ErrorAction'; WarningPreference = 'WarningAction'; VerbosePreference = 'Verbose'
        DebugPreference = 'Debug'; InformationPreference = 'InformationAction'; ProgressPreference = 'ProgressAction'
        WhatIfPreference = 'WhatIf'; ConfirmPreference = 'Confirm'
    }
    $found = @{}
    foreach ($name in $all.Keys) {
        if ($Bound.ContainsKey($all[$name])) { continue }
        $value = $Cmdlet.SessionState.PSVariable.GetValue($name)
        if ($null -ne $value) { $found[$name] = $value }
    }
    return $found
}

# $Piped is what the pipeline brings now, whichever parameters it was bound to.
function Invoke-ToolCmdlet($Cmdlet, [string]$Name, $Bound, [hashtable]$State, $Piped) {
    $entry = $script:Cmdlets[$Name]
    $typed = $State.Typed
    $items = @()
    $carrier = @('InputObject', 'ContainerImage') | Where-Object { $typed.ContainsKey($_) } | Select-Object -First 1
    if ($null -ne $carrier) { $items = @($typed[$carrier]) }
    elseif ($Cmdlet.MyInvocation.ExpectingInput -and $null -ne $Piped -and $entry.InputKind -and -not $typed.ContainsKey($entry.Input)) { $items = @(, $Piped) }
    else {
        $given = @{}
        foreach ($one in $Bound.Keys) { $given[$one] = $Bound[$one] }
        Invoke-ToolOnce $Cmdlet $entry $given $null
        return
    }
    foreach ($item in $items) {
        $digest = Get-Member_ $item 'Digest'
        # An image has a row for each of its tags, and goes with all of them.
        if ($entry.Once -and $digest -and $State.Done.ContainsKey($digest)) {
            $Cmdlet.WriteVerbose("$digest is already done.")
            continue
        }
        if ($digest) { $State.Done[$digest] = $true }
        Invoke-ToolOnce $Cmdlet $entry $typed $item
    }
}

function Invoke-ToolOnce($Cmdlet, $Entry, [hashtable]$Bound, $Item) {
    $script:Problem = $null
    $target = $Item
    $given = $Bound
    if ($null -ne $Item) { $given = Get-BoundOfInput $Entry $Item $Bound }
    if ($null -eq $script:Problem) {
        if ($null -eq $target) { $target = $given[$Entry.Input] }
        Invoke-ToolWith $Cmdlet $Entry $given $target
    }
    if ($null -ne $script:Problem) { $Cmdlet.WriteError((ConvertTo-ErrorRecord $script:Problem $target)) }
}

function Invoke-ToolWith($Cmdlet, $Entry, [hashtable]$Given, $Target) {
    $given = Complete-Given $Cmdlet $Entry $Given
    if ($null -ne $script:Problem) { return }
    $words = Get-ToolWords $Cmdlet $Entry $given
    if ($null -ne $script:Problem) { return }
    $password = Get-Password $given
    if ($password) { $words = @(Add-Login $words $given) }
    if (-not (Test-ShouldDo $Cmdlet $Entry $given $words $password $Target)) { return }
    if ($Entry.Shape -eq 'server') { Start-Server $Cmdlet $Entry $words; return }
    $result = Invoke-Tool $Cmdlet $words $password
    if ($null -ne $result) { Write-ToolResult $Cmdlet $Entry $result }
    $script:Problem = Get-ToolProblem $result
}

# What parameters of PowerShell mean to the tool.
function Complete-Given($Cmdlet, $Entry, [hashtable]$Given) {
    $all = @{}
    foreach ($name in $Given.Keys) { $all[$name] = $Given[$name] }
    foreach ($name in $Entry.Fixed.Keys) { if (-not $all.ContainsKey($name)) { $all[$name] = $Entry.Fixed[$name] } }
    if ($Entry.Command[0] -eq 'save') {
        if ($all.ContainsKey('LiteralPath')) {
            $all['Path'] = Get-WholePath $Cmdlet $all['LiteralPath']
            [void]$all.Remove('LiteralPath')
        } elseif ($all.ContainsKey('Path')) { $all['Path'] = Resolve-SavePath $Cmdlet $all['Path'] }
    }
    return $all
}

function Get-Password([hashtable]$Given) {
    if (-not $Given.ContainsKey('Credential')) { return '' }
    return $Given['Credential'].GetNetworkCredential().Password
}

# The password goes through stdin: other users of the machine can see arguments.
function Add-Login([string[]]$Words, [hashtable]$Given) {
    return Add-BeforePlaces $Words @("--username=$($Given['Credential'].UserName.TrimStart('\'))", '--password-stdin')
}

function Add-BeforePlaces([string[]]$Words, [string[]]$Option) {
    $at = [array]::IndexOf($Words, '--')
    if ($at -lt 0) { return @($Words) + $Option }
    return @($Words[0..($at - 1)]) + $Option + @($Words[$at..($Words.Count - 1)])
}

function Test-ShouldDo($Cmdlet, $Entry, [hashtable]$Given, [string[]]$Words, [string]$Password, $Target) {
    if (-not $Entry.Operation) { return $true }
    if ($Entry.ChangesWith -and -not $Given.ContainsKey($Entry.ChangesWith)) { return $true }
    $impact = [System.Management.Automation.ConfirmImpact]$Entry.Impact
    $asks = $ConfirmPreference -ne 'None' -and $impact -ge [System.Management.Automation.ConfirmImpact]$ConfirmPreference
    if ($WhatIfPreference -or $asks) {
        $result = Invoke-Tool $Cmdlet (Add-BeforePlaces $Words '--what-if') $Password
        $problem = Get-ToolProblem $result
        if ($null -ne $problem) {
            $script:Problem = $problem
            return $false
        }
        $targets = @(Get-Targets $Entry $Given (ConvertFrom-ToolJson $result.Document))
        if ($targets.Count -eq 0) { $Cmdlet.WriteVerbose('Nothing would be changed.') }
        if ($WhatIfPreference) {
            foreach ($one in $targets) { [void]$Cmdlet.ShouldProcess($one, $Entry.Operation) }
            return $false
        }
        return $Cmdlet.ShouldProcess(($targets -join ', '), $Entry.Operation)
    }
    $named = @($Given[$Entry.Input] | Where-Object { $_ }) -join ', '
    if (-not $named) { $named = 'the store' }
    return $Cmdlet.ShouldProcess($named, $Entry.Operation)
}

# What a run would change, in the words of the original.
function Get-Targets($Entry, [hashtable]$Given, $Document) {
    $images = @(Get-Member_ $Document 'images' | Where-Object { $null -ne $_ })
    switch (($Entry.Command -join ' ')) {
        { $_ -in 'install', 'pull' } {
            $origins = @(Get-Member_ $Document 'origins')
            for ($at = 0; $at -lt $images.Count; $at++) {
                $origin = ''
                if ($at -lt $origins.Count -and $origins[$at]) { $origin = " from $($origins[$at])" }
                "Package $($images[$at].name) version $($images[$at].version)$origin"
            }
        }
        'save' {
            $files = @(Get-Member_ $Document 'files' | Where-Object { $null -ne $_ })
            for ($at = 0; $at -lt $images.Count; $at++) {
                $place = $Given['Path']
                if ($files.Count -eq $images.Count) { $place = $files[$at].path }
                "'$($images[$at].name)' version '$($images[$at].version)' to location '$place'"
            }
        }
        'uninstall' { foreach ($one in @($Document.removed)) { "Package $($one.name) version $($one.version)" } }
        'load' { foreach ($one in $images) { "Package $($one.name) version $($one.version) into $($Document.engineLabel)" } }
        'push' { foreach ($one in $images) { "'$($one.name)' version '$($one.version)' to '$($one.reference)'" } }
        'tag' { "$($Given['From']) as $($Document.tag)" }
        'untag' { [string]$Document.tag }
        'prune' { foreach ($one in @($Document.removed)) { "$($one.digest), $(Format-Size $one.size)" } }
        'source add' { "$($Document.name) at $($Document.location)" }
        'source remove' { [string]$Document.name }
        'config set' {
            $value = Get-Member_ $Document 'value'
            if ($null -eq $value) { $value = 'nothing' }
            "$($Document.key) to $value"
        }
        'mirror-config' { foreach ($one in @($Document.files)) { "$($Given['Output'])$($one.path)" } }
        'inventory' { [string]$Given['Path'] }
        default {
            $path = Get-Member_ $Document 'path'
            $named = @($Given[$Entry.Input] | Where-Object { $_ }) -join ', '
            if ($path) { [string]$path } elseif ($named) { $named } else { $Entry.Command -join ' ' }
        }
    }
}

function Write-ToolResult($Cmdlet, $Entry, $Result) {
    $document = ConvertFrom-ToolJson $Result.Document
    if ($null -eq $document) { return }
    Write-ToolObjects $Cmdlet $Entry $document
    # A check that found something is no success, though it has a document.
    if ($Result.ExitCode -ne 0 -and $null -eq $Result.Error) {
        $problems = @(Get-Member_ $document 'problems' | Where-Object { $null -ne $_ })
        $shown = @($problems | Select-Object -First 5 | ForEach-Object { [Environment]::NewLine + '  ' + (Get-Member_ $_ 'message') })
        if ($problems.Count -gt 5) { $shown += [Environment]::NewLine + "  and $($problems.Count - 5) more" }
        $Result.Error = [pscustomobject]@{
            code = 'VERIFICATION_FAILED'
            message = "$($problems.Count) problems were found." + ($shown -join '')
            remedy = 'Install or copy again what is listed; Problems of the object has all of it.'
        }
    }
}
