import { spawnSync } from 'node:child_process'

/** Starts a program in a namespace of processes of its own, as a container has it: where numbers of processes mean others. */
const UNSHARE = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']

/** The command that runs a program in a namespace of its own; with a name, on a host of that name. */
export function inNamespace(command: string[], host?: string): string[] {
  const named = host === undefined ? [] : ['--uts', 'sh', '-c', `hostname ${host}; exec "$0" "$@"`]
  return [...UNSHARE, ...named, ...command]
}

const canUnshare =
  spawnSync('unshare', [...UNSHARE.slice(1), '--uts', 'true'], { stdio: 'ignore' }).status === 0

/** A group of tests that needs such namespaces, which need root: skipped where there are none, failed where REQUIRE_PEERS is set. */
export function describeWithNamespaces(title: string, body: (this: Mocha.Suite) => void): void {
  if (canUnshare) describe(title, body)
  else if (process.env.REQUIRE_PEERS)
    describe(title, () => {
      it('finds namespaces', () => {
        throw new Error('unshare --pid --uts needs Linux and root')
      })
    })
  else describe.skip(`${title} (no namespaces)`, body)
}
