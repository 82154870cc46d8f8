# Errors of the tool as error records.

# What has gone wrong in this module itself, before or beside the tool, in the form in which the tool reports its own
# errors. Nothing is thrown for it: PowerShell would put every function that it passes into the caller's -ErrorVariable.
$script:Problem = $null

function Set-Problem([string]$Code, [string]$Message, [string]$Remedy) {
    $script:Problem = [pscustomobject]@{ code = $Code; message = $Message; remedy = $Remedy }
}

# The record of an error: the code is its id, the remedy its recommended action.
function ConvertTo-ErrorRecord($Problem, $Target) {
    $code = [string](Get-Member_ $Problem 'code')
    $message = [string](Get-Member_ $Problem 'message')
    $remedy = [string](Get-Member_ $Problem 'remedy')
    $details = Get-Member_ $Problem 'details'
    foreach ($fact in 'expected', 'found') {
        $value = Get-Member_ $details $fact
        if ($null -ne $value) { $message += [Environment]::NewLine + "  ${fact}: $value" }
    }
    $exception = New-Object System.InvalidOperationException $message
    $exception.Data['Code'] = $code
    $exception.Data['Details'] = $details
    $category = $script:Categories[$code]
    if (-not $category) { $category = 'NotSpecified' }
    $record = New-Object System.Management.Automation.ErrorRecord $exception, $code, $category, $Target
    $record.ErrorDetails = New-Object System.Management.Automation.ErrorDetails $message
    $record.ErrorDetails.RecommendedAction = $remedy
    return $record
}

# What a run that failed has to say; $null if it succeeded.
function Get-ToolProblem($Result) {
    if ($null -eq $Result) { return $script:Problem }
    if ($null -ne $Result.Error) { return $Result.Error }
    if ($Result.ExitCode -eq 0 -or $Result.Document.Trim()) { return $null }
    $said = ($Result.Lines -join [Environment]::NewLine)
    if (-not $said) { $said = "The tool ended with code $($Result.ExitCode) and said nothing." }
    return [pscustomobject]@{ code = 'UNEXPECTED'; message = $said; remedy = 'Run the cmdlet again with -Verbose and report what it prints.' }
}
