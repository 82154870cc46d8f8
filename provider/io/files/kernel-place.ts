import { readFileSync, readlinkSync } from 'node:fs'

/**
 * Where the number of a process means one process and no other: a start of the kernel, and a namespace of its numbers
 * (pid_namespaces(7)). Containers and cloned hosts may share a host name. Undefined where the kernel does not say.
 */
export function kernelPlace(): string | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return undefined
  }
}
