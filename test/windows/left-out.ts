/** Tests that cannot run with the Windows build of Node under Wine. */
export interface LeftOut {
  /** The file of the tests. */
  file: string
  /** The beginning of their full titles, or what those match; '' for all of the file. */
  tests: string | RegExp
  /** Why they cannot. */
  why: string
}

const LINKS = 'makes symbolic links, for which a user has no privilege there'
const UNIX_FILES =
  'puts a named pipe, a socket or a device in the place of a file; there they have places of their own'
const MODES = 'is about owners and permissions as Unix has them'
const SIGNALS = 'tells a program to stop by a signal, which there ends it at once'
const SCRIPTS = 'plays a program by a script of sh'
const LINUX = 'asks the kernel of Linux'
const STANDS_STILL =
  'lets the holder of a lock stand still until the other process takes it over: only Linux says when a process began'

/**
 * What is left out of `npm run windows`, beside the tests that need a peer. They are begun all the same, and the run fails
 * where one of them passes or is not there any more.
 */
export const LEFT_OUT: LeftOut[] = [
  ...of(LINKS, {
    'test/crash/unpacked-leftover.test.ts': /by its own name alone/,
    'test/provider/io/files/lost-link.test.ts': '',
    'test/provider/io/files/folder-below.test.ts': /link is on the way|through links/,
    'test/provider/io/files/own-file.test.ts': /may lie behind links/,
    'test/provider/io/files/reading.test.ts': /follows a link|a link that led out/,
    'test/provider/formats/zip/continued.test.ts': /through a link/,
    'test/provider/verbs/login/login.test.ts': /keeps the link/,
    'test/provider/verbs/settings/settings.test.ts': /stay behind the link/,
    'test/security/links-in-folders.test.ts': '',
    'test/security/links-in-place-of-files.test.ts':
      /until they are removed|are not followed|are removed|are not taken|volumes arrives/,
    'test/security/links-in-place-of-folders.test.ts': '',
    'test/security/links-of-layers.test.ts': /a link to one|links are removed/,
    'test/security/links-within-images.test.ts': /never out of it (?!though|, though)/,
    'test/security/paths-and-links.test.ts': /into which an archive was|through a link/,
    'test/security/planted-locks.test.ts': /where it is a link|from being saved/,
  }),
  ...of(UNIX_FILES, {
    'test/provider/io/files/reading.test.ts': /that is none is refused by name/,
    'test/security/planted-locks.test.ts': /where it is a pipe/,
    'test/security/special-files.test.ts':
      /are told by every command|on a media that is saved to|\/dev\/zero/,
    'test/cli/pipes.test.ts': /with a name in a folder|of a shell/,
    'test/provider/receipts/receipts.test.ts': /a pipe or a device/,
    'test/provider/engine/docker/unreachable.test.ts': /behind a socket that was left/,
  }),
  ...of(MODES, {
    'test/security/open-to-others.test.ts': '',
    'test/security/ownership-and-modes.test.ts': /gives its own/,
    'test/provider/registry/documents.test.ts': /may not be read/,
  }),
  ...of(STANDS_STILL, {
    'test/provider/formats/wim/layer/made-layer.test.ts': /is left alone by a prune/,
  }),
  ...of(SIGNALS, {
    'test/security/stopping.test.ts': '',
    'test/cli/process.test.ts': /at the first signal/,
    'test/cli/pipes.test.ts': /that never end/,
    'test/crash/locks.test.ts': /whenever the process is killed|was buried|of this kernel/,
    'test/provider/serve/operation.test.ts': /^the program that serves/,
  }),
  ...of(SCRIPTS, {
    'test/provider/io/programs/find-program.test.ts': /of this system/,
    'test/provider/io/programs/start-program.test.ts': /gets its arguments/,
    'test/provider/registry/credentials.test.ts': /from a helper program/,
    'test/provider/verbs/login/login.test.ts': /with the helper|where the helper/,
    'test/provider/tool/starter-sh.test.ts': '',
    'test/one-file/carried-media.test.ts': /is started by its script/,
    'test/cli/completion/completion.test.ts': /in bash|in fish|by zsh/,
    'test/security/programs.test.ts': /of the current folder/,
  }),
  ...of(LINUX, {
    'test/provider/io/files/process-number.test.ts': /is on Linux when/,
    'test/crash/full-disk.test.ts': '',
    'test/crash/full-disk-resume.test.ts': /fills up in the middle/,
    'test/crash/full-output.test.ts': /^stdout on a full disk/,
    'test/crash/unpacked-leftover.test.ts': /by its own user alone/,
    'test/provider/io/files/durable.test.ts': /to survive a loss of power/,
    'test/provider/formats/rootfs/mended.test.ts': /as GNU tar writes them/,
  }),
  ...of('makes junctions, or links by a privilege, which Wine does not', {
    'test/provider/store/expand/windows.test.ts': /makes junctions|makes links to folders/,
    'test/one-file/programs.test.ts': '',
  }),
  ...of('has a program of Unix compress: xz or zstd', {
    'test/provider/archives/members/compression.test.ts':
      /^xz with filters|^zstd (is|that needs|of the largest) /,
    'test/provider/archives/members/zstd-javascript.test.ts': /reads from a buffer|compares every frame/,
    'test/provider/formats/rootfs/rootfs.test.ts': /compressed by (xz|zstd)/,
    'test/one-file/main-job.test.ts': /compressed with (xz|zstd)/,
  }),
  ...of('needs wimlib-imagex', { 'test/one-file/main-job.test.ts': /makes a layer of a WIM/ }),
  ...of('starts Node with an environment of its own, in which Wine can connect to nothing', {
    'test/one-file/main-job.test.ts': /asks a registry/,
  }),
  ...of('asks an address that leads to this machine and does not say so, of which Windows has none', {
    'test/provider/registry/endpoints.test.ts': /plain http only where/,
  }),
  ...of('gives files and folders names that Windows does not take', {
    'test/security/terminal.test.ts': /has nothing of the names of files/,
  }),
]

/** Files and folders of which nothing is begun where they are not named alone, and why. */
export const NOT_RUN: Record<string, string> = {
  'test/one-file/licenses.test.ts': 'bundles with esbuild, which is installed for one system',
  'test/one-file/workers.test.ts': 'bundles with esbuild, which is installed for one system',
  'test/one-file/packed.test.ts': 'packs with npm, which is not there',
  'test/crash/injection/': 'lets calls fail, on Linux alone',
  'test/scripts/': 'looks at the sources and pages alone',
  'test/imports.test.ts': 'looks at the sources and pages alone',
  'test/wording.test.ts': 'looks at the sources and pages alone',
  'test/error-codes.test.ts': 'looks at the sources and pages alone',
  'test/provider/delta/blocks/': 'computes for minutes with what is in memory, in WebAssembly',
  'test/provider/formats/wim/decoders.test.ts': 'computes for minutes with what is in memory, in WebAssembly',
  'test/provider/formats/wim/fuzz.test.ts': 'computes for minutes with what is in memory, in WebAssembly',
  'test/provider/verbs/install/many-images.test.ts':
    'compares costs for minutes, which grow alike everywhere',
  'test/provider/recovery/kernel.test.ts': 'computes for minutes with what is in memory, in WebAssembly',
}

/** Whether a test is run with others. */
export function isRun(file: string): boolean {
  return !Object.keys(NOT_RUN).some((one) => (one.endsWith('/') ? file.startsWith(one) : file === one))
}

function of(why: string, tests: Record<string, LeftOut['tests']>): LeftOut[] {
  return Object.entries(tests).map(([file, which]) => ({ file, tests: which, why }))
}
