# Completion of values: names, versions, sources, platforms. It must be quick, so the answer of a source is kept for a
# minute, and a source that does not answer is not waited for.

$script:Offers = @{}
# In milliseconds; nobody waits longer for a completion.
$script:CompletionPatience = 5000

function Get-Offered([string[]]$Words) {
    $key = $Words -join ' '
    $kept = $script:Offers[$key]
    if ($null -ne $kept -and ([datetime]::UtcNow - $kept.At).TotalSeconds -lt 60) { return $kept.Value }
    $value = @()
    $process = $null
    try {
        $folder = (Get-Location -PSProvider FileSystem).ProviderPath
        $process = Start-Tool ($Words[0..0] + @('--json', '--quiet') + @($Words | Select-Object -Skip 1)) $folder ''
        [void]$process.StandardError.ReadToEndAsync()
        $out = $process.StandardOutput.ReadToEndAsync()
        if ($out.Wait($script:CompletionPatience)) { $value = @(ConvertFrom-ToolJson $out.Result | ForEach-Object { $_ }) }
    } catch { Write-Debug "$_" } finally { Stop-Tool $process 2000 }
    $script:Offers[$key] = @{ At = [datetime]::UtcNow; Value = $value }
    return $value
}

function Complete-Value([string]$Offer, [string]$Word, $Bound) {
    $typed = $Word.Trim('"', "'")
    $values = @()
    $store = @()
    if ($Bound.Contains('Store')) { $store = @("--store=$($Bound['Store'])") }
    $source = @()
    if ($Bound.Contains('Source')) { $source = @("--source=$($Bound['Source'])") }
    $name = @($Bound['Name'], $Bound['NameOrPath'] | Where-Object { $_ }) | ForEach-Object { $_ } | Select-Object -First 1
    switch ($Offer) {
        'sources' { $values = @(Get-Offered @('source', 'list') | ForEach-Object { Get-Member_ $_ 'name' }) }
        'installed' { $values = @(Get-Offered (@('get') + $store) | ForEach-Object { "$(Get-Member_ $_ 'repository'):$(Get-Member_ $_ 'tag')" }) }
        'catalog' { $values = @(Get-Offered (@('find') + $source) | ForEach-Object { Get-Member_ $_ 'name' }) }
        'versions' {
            if ($name) { $values = @(Get-Offered (@('find') + $source + @('--all-versions', '--', "$name")) | ForEach-Object { Get-Member_ $_ 'version' }) }
        }
        'installedVersions' { $values = @(Get-Offered (@('get') + $store) | Where-Object { -not $name -or (Get-Member_ $_ 'name') -like $name -or (Get-Member_ $_ 'repository') -like $name } | ForEach-Object { Get-Member_ $_ 'version' }) }
        'fullNames' { $values = @(Get-Offered (@('get') + $store) | ForEach-Object { Get-Member_ $_ 'fullName' }) }
        'platforms' {
            $values = @('linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/s390x', 'windows/amd64')
            if ($name) { $values = @(Get-Offered (@('find') + $source + @('--all-versions', '--', "$name")) | ForEach-Object { "$(Get-Member_ $_ 'os')/$(Get-Member_ $_ 'architecture')" }) + $values }
        }
        'settings' { $values = @('store', 'ca-file', 'platform', 'gate') }
    }
    $values | Where-Object { $_ -and $_.StartsWith($typed, [StringComparison]::OrdinalIgnoreCase) } | Select-Object -Unique | ForEach-Object {
        $text = $_
        if ($text -match '[\s,;''"()@{}$&|#]') { $text = "'" + $text.Replace("'", "''") + "'" }
        New-Object System.Management.Automation.CompletionResult $text, $_, 'ParameterValue', $_
    }
}

function Register-Completion {
    $block = {
        param($commandName, $parameterName, $wordToComplete, $commandAst, $fakeBoundParameters)
        Complete-Value $script:Completions[$commandName][$parameterName] $wordToComplete $fakeBoundParameters
    }
    foreach ($cmdlet in $script:Completions.Keys) {
        foreach ($parameter in $script:Completions[$cmdlet].Keys) {
            Register-ArgumentCompleter -CommandName $cmdlet -ParameterName $parameter -ScriptBlock $block
        }
    }
}
