import { readdirSync } from 'node:fs'
import path from 'node:path'
import type { ClientCertificate } from './client-certificate.js'

/** What a folder of certificates has for one host. */
export interface HostFiles {
  caFiles: string[]
  client?: ClientCertificate
}

/**
 * What docker's and podman's folders have for a host: `certs.d/<host[:port]>/` with authorities as `*.crt`, and
 * a certificate of one's own as `*.cert` with its `*.key` (docker's "Verify repository client with
 * certificates"; containers-certs.d(5)). The first folder that has the host counts.
 * @param hosts the names under which the host may be kept, the best first
 */
export function filesOfHost(hosts: string[], folders: string[]): HostFiles | undefined {
  for (const folder of folders)
    for (const host of hosts) {
      const files = filesIn(path.join(folder, host))
      if (files) return files
    }
  return undefined
}

function filesIn(folder: string): HostFiles | undefined {
  let names: string[]
  try {
    names = readdirSync(folder).sort()
  } catch {
    return undefined
  }
  const ending = (end: string) => names.filter((name) => name.endsWith(end))
  const stems = new Set(ending('.key').map((name) => name.slice(0, -'.key'.length)))
  const stem = ending('.cert')
    .map((name) => name.slice(0, -'.cert'.length))
    .find((name) => stems.has(name))
  return {
    caFiles: ending('.crt').map((name) => path.join(folder, name)),
    client:
      stem === undefined
        ? undefined
        : {
            certFile: path.join(folder, `${stem}.cert`),
            keyFile: path.join(folder, `${stem}.key`),
          },
  }
}

/** The folders of podman and docker: the user's own first, then the machine's. */
export function certificateFolders(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): string[] {
  const { join } = platform === 'win32' ? path.win32 : path.posix
  const home = environment.HOME || environment.USERPROFILE
  const config = environment.XDG_CONFIG_HOME || (home && join(home, '.config'))
  const own = [
    config && join(config, 'containers', 'certs.d'),
    config && join(config, 'docker', 'certs.d'),
    home && join(home, '.docker', 'certs.d'),
  ].filter((folder): folder is string => Boolean(folder))
  if (platform === 'win32')
    return environment.ProgramData ? [...own, join(environment.ProgramData, 'docker', 'certs.d')] : own
  return [...own, '/etc/containers/certs.d', '/etc/docker/certs.d']
}

/**
 * The names of a host's folder. docker on Windows leaves the colon out, which no file name may have there.
 * @param host as a URL has it, without the port that its scheme means
 */
export function folderNames(host: string, platform: NodeJS.Platform): string[] {
  const names = /:[0-9]+$/.test(host) ? [host] : [host, `${host}:443`]
  const hub = host === 'registry-1.docker.io' ? ['docker.io'] : []
  const all = [...names, ...hub]
  return platform === 'win32' ? all.map((name) => name.replaceAll(':', '')) : all
}
