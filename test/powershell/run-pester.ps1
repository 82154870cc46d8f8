# Runs the tests of the module, and writes the result of each as JSON.
param([string]$Tests, [string]$Pester, [string]$Results)
Import-Module $Pester
$configuration = New-PesterConfiguration
$configuration.Run.Path = $Tests
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'None'
if ($env:TEST_ONLY) { $configuration.Filter.FullName = $env:TEST_ONLY }
$run = Invoke-Pester -Configuration $configuration
$all = foreach ($test in $run.Tests) {
    [pscustomobject]@{
        Path = $test.Path -join ' > '
        Result = "$($test.Result)"
        Error = ($test.ErrorRecord | ForEach-Object { "$_`n$($_.ScriptStackTrace)" }) -join "`n"
        Seconds = $test.Duration.TotalSeconds
    }
}
ConvertTo-Json @($all) | Set-Content $Results
