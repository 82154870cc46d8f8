# What of a script Windows PowerShell 5.1 cannot parse or does not have: a line for each, nothing if there is none.
param([Parameter(ValueFromRemainingArguments = $true)][string[]] $Files)

# Parameters that came with PowerShell 6 or 7, of cmdlets that 5.1 has too.
$newer = @{
    'ConvertFrom-Json' = 'NoEnumerate', 'Depth', 'DateKind'; 'ConvertTo-Json' = 'EscapeHandling', 'AsArray'
    'ForEach-Object' = 'Parallel', 'ThrottleLimit'; 'Get-Content' = 'AsByteStream'; 'Set-Content' = 'AsByteStream'
    'Join-Path' = 'AdditionalChildPath'; 'Split-Path' = 'LeafBase', 'Extension'; 'Invoke-WebRequest' = 'SkipCertificateCheck'
    'Select-String' = 'Raw', 'NoEmphasis'; 'Import-Module' = 'SkipEditionCheck'; 'Register-EngineEvent' = @()
}
$missing = 'Get-Error', 'Join-String', 'Test-Json', 'ConvertFrom-Markdown', 'Get-Uptime', 'Remove-Alias', 'Get-SecureRandom', 'ConvertTo-CliXml'
# Variables of PowerShell 6 and 7.
$variables = 'IsWindows', 'IsLinux', 'IsMacOS', 'IsCoreCLR', 'PSStyle', 'EnabledExperimentalFeatures'

foreach ($file in $Files) {
    $tokens = $null
    $errors = $null
    $ast = [System.Management.Automation.Language.Parser]::ParseFile($file, [ref]$tokens, [ref]$errors)
    foreach ($one in $errors) { "$($one.Extent.StartLineNumber): $($one.Message)" }
    foreach ($token in $tokens) {
        if ($token.Kind -in 'AndAnd', 'OrOr', 'QuestionQuestion', 'QuestionQuestionEquals', 'QuestionDot', 'QuestionLBracket', 'QuestionMark') {
            "$($token.Extent.StartLineNumber): $($token.Kind)"
        }
        if ($token.Kind -eq 'Number' -and $token.Text -match '(?i)^0b|_|(?<!0x[0-9a-f]*)(y|u|n|us|ul|uy|s)(kb|mb|gb|tb|pb)?$') { "$($token.Extent.StartLineNumber): number $($token.Text)" }
        if ($token.Kind -eq 'Clean') { "$($token.Extent.StartLineNumber): clean block" }
    }
    $found = $ast.FindAll({
            param($node)
            $kind = $node.GetType().Name
            if ($kind -in 'TernaryExpressionAst', 'PipelineChainAst') { return $true }
            if ($kind -eq 'PipelineAst') { return $node.Background }
            if ($kind -in 'MemberExpressionAst', 'InvokeMemberExpressionAst', 'IndexExpressionAst') { return $node.NullConditional }
            if ($kind -eq 'VariableExpressionAst') { return $node.VariablePath.UserPath -in $variables }
            if ($kind -eq 'CommandAst') {
                $name = $node.GetCommandName()
                if ($name -in $missing) { return $true }
                if ($null -eq $name -or -not $newer.ContainsKey($name)) { return $false }
                return @($node.CommandElements | Where-Object { $_.GetType().Name -eq 'CommandParameterAst' -and $_.ParameterName -in $newer[$name] }).Count -gt 0
            }
            return $false
        }, $true)
    foreach ($node in $found) { "$($node.Extent.StartLineNumber): $($node.GetType().Name) $($node.Extent.Text)" }
}
