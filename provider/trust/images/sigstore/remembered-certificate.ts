import type { X509Certificate } from '@sigstore/core'

type Node = X509Certificate['root']

/**
 * The library writes a certificate out again whenever it compares or verifies it: a dozen times for one signature, which is
 * half of what that costs. Its bytes are kept here from the first time.
 */
export function rememberBytes({ root }: X509Certificate): void {
  const [body] = root.subs
  // RFC 5280, 4.1: the key is the seventh member of what is signed, after the version.
  for (const node of [root, body, body?.subs[6]]) if (node) remember(node)
}

function remember(node: Node): void {
  const write = node.toDER.bind(node)
  let bytes: ReturnType<Node['toDER']> | undefined
  node.toDER = () => {
    bytes ??= write()
    return bytes
  }
}

/** The same of an authority that is trusted, which is also verified once alone, and not for every signature anew. */
export function rememberAuthority(certificate: X509Certificate): void {
  rememberBytes(certificate)
  const verify = certificate.verify.bind(certificate)
  let isSelfSigned: boolean | undefined
  certificate.verify = (issuer) => {
    if (issuer !== undefined && issuer !== certificate) return verify(issuer)
    isSelfSigned ??= verify()
    return isSelfSigned
  }
}
