import type { SecureContext } from 'node:tls'
import { authorities } from './authorities.js'
import { certificateFolders, filesOfHost, folderNames } from './certificate-folders.js'
import type { ClientCertificate } from './client-certificate.js'

/** What TLS to one host is made with. */
export interface HostTls {
  /** If undefined, Node's own choice. */
  secureContext: SecureContext | undefined
  /** False: certificates are not checked. */
  verified: boolean
}

export interface HostCertificatesOptions {
  environment: NodeJS.ProcessEnv
  /** PEM file of authorities that are trusted for every host beside the system's. */
  caFile: string | undefined
  /** What the user set for single hosts, as host[:port]. */
  hosts: ReadonlyMap<string, { caFile?: string; skipVerify?: boolean }>
  /** The user's own certificate, for the one host that it is meant for. */
  client?: ClientCertificate & { host: string }
}

/**
 * Which authorities each host is checked against, and which certificate it is shown. A client certificate is
 * presented only to the host that it is stored for: not to hosts that it redirects to, not to its mirrors.
 */
export class HostCertificates {
  private readonly found = new Map<string, HostTls>()
  private readonly everywhere: SecureContext | undefined

  /** @throws PATH_NOT_FOUND, SOURCE_INVALID for a file of authorities that cannot be used */
  constructor(readonly options: HostCertificatesOptions) {
    const { caFile, environment } = options
    this.everywhere = authorities(caFile === undefined ? [] : [caFile], undefined, environment)
  }

  /**
   * @param host as a URL has it: host[:port]
   * @throws PATH_NOT_FOUND, SOURCE_INVALID
   */
  of(host: string): HostTls {
    const found = this.found.get(host) ?? this.find(host)
    this.found.set(host, found)
    return found
  }

  private find(host: string): HostTls {
    const { environment, caFile, hosts, client } = this.options
    const set = hosts.get(host)
    const kept = filesOfHost(
      folderNames(host, process.platform),
      certificateFolders(process.platform, environment),
    )
    const caFiles = [caFile, set?.caFile, ...(kept?.caFiles ?? [])].filter((file) => file !== undefined)
    const own = client?.host === host ? client : kept?.client
    const isPlain = set?.caFile === undefined && !kept?.caFiles.length && !own
    return {
      secureContext: isPlain ? this.everywhere : authorities(caFiles, own, environment),
      verified: set?.skipVerify !== true,
    }
  }
}
