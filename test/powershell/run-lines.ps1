# Runs lines one after the other, as at a prompt, and writes of each what it put out and its errors, as JSON.
param([string] $Lines, [string] $Results)
$PSStyle.OutputRendering = 'PlainText'
New-PSDrive -Name E -PSProvider FileSystem -Root $env:TEST_STICK -Scope Global | Out-Null
function Get-Credential { New-Object System.Management.Automation.PSCredential 'operator', (ConvertTo-SecureString 'secret' -AsPlainText -Force) }
$all = foreach ($line in (Get-Content $Lines -Raw | ConvertFrom-Json)) {
    $Error.Clear()
    $text = ''
    $lineErrors = $null
    try {
        # Wide enough that nothing is cut, whatever the folder is called that stands for the stick.
        $text = Invoke-Expression $line -ErrorVariable lineErrors 3>&1 | ForEach-Object {
            if ($_ -is [System.Management.Automation.WarningRecord]) { "WARNING: $($_.Message)" } else { $_ }
        } | Out-String -Width 250
    } catch { $lineErrors = @($_) }
    [pscustomobject]@{
        Line = $line
        Text = $text
        Error = (@($lineErrors) | Where-Object { $_ } | ForEach-Object { "$($_.FullyQualifiedErrorId): $_" }) -join "`n"
    }
}
ConvertTo-Json @($all) | Set-Content $Results
