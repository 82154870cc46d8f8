import { type CarriedNode, IS_NEW_ENOUGH, WANTED_NODE } from './carried-node.js'

/** What PROCESSOR_ARCHITECTURE says of an architecture that Node names. */
const MACHINES: Record<string, string> = { x64: 'AMD64', x86: 'x86', arm64: 'ARM64' }

/**
 * containerimage.cmd: starts the one file beside it on Windows, as containerimage.sh does elsewhere. It unpacks
 * with the tar.exe that Windows has since 10 (1803), which reads zips.
 */
export function starterCmd(carried: CarriedNode[]): string {
  const choices = carried.filter(({ archive }) => archive.system === 'win').map(choice)
  const lines = `@echo off
rem Starts containerimage.mjs, which lies beside this file, with ${WANTED_NODE}.
rem Where the PATH has none, one that lies here is unpacked: into CONTAINERIMAGE_NODE_DIR, where it
rem stays, or else into a temporary folder for this one run.
setlocal DisableDelayedExpansion
set "HERE=%~dp0"
set "TEMPORARY="
rem A program in the folder that one happens to be in is not meant.
set "NoDefaultCurrentDirectoryInExePath=1"
set "NODE=node.exe"
"%NODE%" -e "${IS_NEW_ENOUGH}" >nul 2>nul && goto run
set "MACHINE=%PROCESSOR_ARCHITECTURE%"
if defined PROCESSOR_ARCHITEW6432 set "MACHINE=%PROCESSOR_ARCHITEW6432%"
set "FOLDER="
${choices.join('')}if not defined FOLDER goto none
set "PLACE=%CONTAINERIMAGE_NODE_DIR%"
if not defined PLACE set "TEMPORARY=%TEMP%\\containerimage-node-%RANDOM%%RANDOM%"
if not defined PLACE set "PLACE=%TEMPORARY%"
set "NODE=%PLACE%\\%FOLDER%\\node.exe"
"%NODE%" -e "${IS_NEW_ENOUGH}" >nul 2>nul && goto run
if not exist "%HERE%%FOLDER%.zip" goto missing
if not exist "%PLACE%" mkdir "%PLACE%"
set "SYSTEM=%SystemRoot%\\System32"
"%SYSTEM%\\certutil.exe" -hashfile "%HERE%%FOLDER%.zip" SHA256 | "%SYSTEM%\\findstr.exe" /i /c:"%SHA256%" >nul || goto damaged
"%SYSTEM%\\tar.exe" -xf "%HERE%%FOLDER%.zip" -C "%PLACE%" "%FOLDER%/node.exe" || goto damaged
:run
"%NODE%" "%HERE%containerimage.mjs" %*
set "STATUS=%ERRORLEVEL%"
:clean
if defined TEMPORARY if exist "%TEMPORARY%" rmdir /s /q "%TEMPORARY%"
exit /b %STATUS%
:none
echo This host has no ${WANTED_NODE}, and none for this kind of machine lies here. 1>&2
echo Install Node, or carry an archive of it along with --with-node. 1>&2
set "STATUS=1"
goto clean
:missing
echo %FOLDER%.zip is not beside this file. Copy it here again. 1>&2
set "STATUS=1"
goto clean
:damaged
echo %FOLDER%.zip is damaged or cannot be unpacked. Copy it here again. 1>&2
set "STATUS=1"
goto clean
`
  // cmd.exe misreads labels in files whose lines end with a line feed alone.
  return lines.replaceAll('\n', '\r\n')
}

function choice({ archive, sha256 }: CarriedNode): string {
  const when = `if /i "%MACHINE%"=="${MACHINES[archive.architecture]}"`
  return `${when} set "FOLDER=${archive.folder}"\n${when} set "SHA256=${sha256}"\n`
}
