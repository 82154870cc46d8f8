#!/bin/sh
# Builds PowerShell for the tests of the module into dist/powershell-host. It needs the .NET SDK.
set -eu
cd "$(dirname "$0")/../../.."
here=test/powershell/host
out=$PWD/dist/powershell-host
dotnet build "$here/pwsh.csproj" --nologo --verbosity quiet --configuration Release --output "$out" \
  "-p:BaseIntermediateOutputPath=$out/obj/" "-p:MSBuildProjectExtensionsPath=$out/obj/"
