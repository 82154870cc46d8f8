# Servers that this session has started.

$script:Servers = New-Object System.Collections.ArrayList

# Starts a server in the background. It ends with Stop-ContainerImageServer, with the module, or with the session: the
# stdin that is held open here ends then.
function Start-Server($Cmdlet, $Entry, [string[]]$Words) {
    $folder = $Cmdlet.CurrentProviderLocation('FileSystem').ProviderPath
    $process = $null
    $isUp = $false
    try {
        # Requests go to -AccessLog or nowhere; nobody would read them here.
        $process = Start-Tool (Add-BeforePlaces $Words '--quiet') $folder ''
        if ($null -eq $process) { return }
        $said = $process.StandardError.ReadToEndAsync()
        $text = New-Object System.Text.StringBuilder
        $next = $process.StandardOutput.ReadLineAsync()
        while ($true) {
            if (-not $next.Wait(100)) { continue }
            $line = $next.Result
            if ($null -eq $line) { break }
            [void]$text.AppendLine($line)
            if ($line -eq '}') { $isUp = $true; break }
            $next = $process.StandardOutput.ReadLineAsync()
        }
        if (-not $isUp) {
            while (-not $said.Wait(100)) { }
            $problem = $null
            foreach ($line in ($said.Result -split "`r?`n")) {
                $read = Read-ToolLine $line
                if ($null -ne $read -and $read.PSObject.Properties['error']) { $problem = $read.error }
            }
            if ($null -eq $problem) { $problem = [pscustomobject]@{ code = 'UNEXPECTED'; message = "The server did not start. $($said.Result)"; remedy = 'Report it.' } }
            $script:Problem = $problem
            return
        }
        $server = ConvertTo-Typed (ConvertFrom-ToolJson $text.ToString()) $Entry.Type
        Add-Member -InputObject $server -MemberType NoteProperty -Name Id -Value $process.Id
        Add-Member -InputObject $server -MemberType NoteProperty -Name Process -Value $process
        [void]$script:Servers.Add($server)
        $Cmdlet.WriteObject($server)
    } finally {
        if (-not $isUp) { Stop-Tool $process }
    }
}

function Stop-AllServers {
    foreach ($server in @($script:Servers)) { Stop-Tool $server.Process 15000 }
    $script:Servers.Clear()
}

function Stop-ContainerImageServer {
    <#
    .SYNOPSIS
    Stop servers that Start-ContainerImageServer has started.
    .DESCRIPTION
    Downloads may go on for as long as -Grace of Start-ContainerImageServer said. Without a server all of this session are
    stopped.
    .PARAMETER InputObject
    What Start-ContainerImageServer put out.
    .EXAMPLE
    Stop-ContainerImageServer

    All servers of this session.
    .EXAMPLE
    $server | Stop-ContainerImageServer

    One of them.
    #>
    [CmdletBinding(SupportsShouldProcess = $true, PositionalBinding = $false)]
    param(
        [Parameter(Position = 0, ValueFromPipeline = $true)]
        [psobject[]] $InputObject
    )
    process {
        $all = @($script:Servers)
        if ($PSBoundParameters.ContainsKey('InputObject')) { $all = @($InputObject) }
        foreach ($server in $all) {
            if (-not $PSCmdlet.ShouldProcess([string](Get-Member_ $server 'Url'), 'Stop Registry')) { continue }
            Stop-Tool (Get-Member_ $server 'Process') 100000
            $script:Servers.Remove($server)
        }
    }
}
