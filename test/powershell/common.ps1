# What the tests of the module share. The samples and the settings are made by pester-suite.ts.

Import-Module $env:TEST_MODULE -Force
Set-Location $env:TEST_FOLDER

function New-Store {
    $env:CONTAINERIMAGE_STORE = Join-Path $env:TEST_FOLDER ([Guid]::NewGuid().ToString('N'))
}
function New-Folder([string]$Name = [Guid]::NewGuid().ToString('N')) {
    (New-Item -ItemType Directory -Path (Join-Path $env:TEST_FOLDER $Name)).FullName
}
# Without the colours and the width of a console.
function Get-Text([scriptblock]$Script) { (& $Script | Out-String -Width 200) -replace '\x1b\[[0-9;]*m', '' }
$env:CONTAINERIMAGE_STORE = Join-Path $env:TEST_FOLDER 'store'
