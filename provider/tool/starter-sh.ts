import { type CarriedNode, IS_NEW_ENOUGH, WANTED_NODE } from './carried-node.js'
import type { NodeArchive } from './node-archive.js'

/** What `uname -s` says of a system that Node names. */
const SYSTEMS: Record<string, string> = { linux: 'Linux', darwin: 'Darwin' }

/** What `uname -m` says of an architecture that Node names. */
const MACHINES: Record<string, string[]> = {
  x64: ['x86_64', 'amd64'],
  arm64: ['aarch64', 'arm64'],
  armv7l: ['armv7l'],
  ppc64le: ['ppc64le'],
  s390x: ['s390x'],
}

const TAR_LETTER: Record<string, string> = { 'tar.xz': 'J', 'tar.gz': 'z' }

/**
 * containerimage.sh: starts the one file beside it, in any POSIX shell. It uses the `node` on the PATH if
 * that is new enough; otherwise it unpacks one that was taken along, for this run into a temporary folder or
 * permanently into CONTAINERIMAGE_NODE_DIR.
 */
export function starterSh(carried: CarriedNode[]): string {
  const choices = carried.filter(({ archive }) => archive.system !== 'win').map(choice)
  return `#!/bin/sh
# Starts containerimage.mjs, which lies beside this file, with ${WANTED_NODE}.
# Where the PATH has none, one that lies here is unpacked: into CONTAINERIMAGE_NODE_DIR, where it
# stays, or else into a temporary folder for this one run.
set -eu
# A program in the folder that one happens to be in is not meant.
folders='' IFS=:
set -f
for folder in \${PATH:-}; do
  case "$folder" in /*) folders=\${folders:+$folders:}$folder ;; esac
done
set +f
unset IFS folder
PATH=\${folders:-/usr/bin:/bin}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

fail() {
  printf '%s\\n' "$1" >&2
  exit 1
}

is_new_enough() {
  "$1" -e '${IS_NEW_ENOUGH}' >/dev/null 2>&1
}

choose() {
  case "$(uname -s) $(uname -m)" in
${choices.join('')}  *) fail 'This host has no ${WANTED_NODE}, and none for this kind of machine lies here. Install Node, or carry an archive of it along with --with-node.' ;;
  esac
}

is_whole() {
  if command -v sha256sum >/dev/null 2>&1; then sum=$(sha256sum <"$1")
  elif command -v shasum >/dev/null 2>&1; then sum=$(shasum -a 256 <"$1")
  else return 0
  fi
  [ "\${sum%% *}" = "$sha256" ]
}

unpack() {
  [ -f "$here/$archive" ] || fail "$archive is not beside this file. Copy it here again."
  is_whole "$here/$archive" || fail "$archive is damaged. Copy it here again."
  tar "-x\${letter}f" "$here/$archive" -C "$1" "$folder/bin/node" ||
    fail "$archive could not be unpacked. Where the program xz is missing, carry the .tar.gz of Node along."
  is_new_enough "$1/$folder/bin/node" ||
    fail 'The Node that lies here does not run on this host, or not from a temporary folder: then name another in CONTAINERIMAGE_NODE_DIR.'
}

node=$(command -v node || :)
if [ -n "$node" ] && is_new_enough "$node"; then
  exec "$node" "$here/containerimage.mjs" "$@"
fi

choose
if [ -n "\${CONTAINERIMAGE_NODE_DIR:-}" ]; then
  node=$CONTAINERIMAGE_NODE_DIR/$folder/bin/node
  if ! is_new_enough "$node"; then
    mkdir -p -- "$CONTAINERIMAGE_NODE_DIR"
    unpack "$CONTAINERIMAGE_NODE_DIR"
  fi
  exec "$node" "$here/containerimage.mjs" "$@"
fi

temporary=$(mktemp -d)
trap 'rm -rf -- "$temporary"' EXIT
# Both get a signal of the keyboard: this shell waits until the program has left off, and cleans up then.
trap : INT TERM HUP
unpack "$temporary"
status=0
"$temporary/$folder/bin/node" "$here/containerimage.mjs" "$@" || status=$?
exit "$status"
`
}

/** A branch of the choice by the kind of machine. */
function choice({ archive, sha256 }: CarriedNode): string {
  return `  ${patternOf(archive)})
    archive='${archive.fileName}' folder='${archive.folder}' letter=${TAR_LETTER[archive.format]}
    sha256=${sha256} ;;
`
}

function patternOf({ system, architecture }: NodeArchive): string {
  const machines = MACHINES[architecture] ?? [architecture]
  return machines.map((machine) => `'${SYSTEMS[system]} ${machine}'`).join(' | ')
}
