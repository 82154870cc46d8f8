import { ASN1Obj, type X509Certificate } from '@sigstore/core'

type Node = X509Certificate['root']

/**
 * The library rebuilds a certificate from its smallest members whenever it compares or verifies it: a dozen times for
 * one signature, which is half of what that costs. A node that was read still has the bytes of everything in it; these
 * are used as they are, and kept.
 */
export function rememberBytes(certificate: X509Certificate): void {
  const [body] = certificate.root.subs
  // RFC 5280, 4.1: the key is the seventh member of what is signed, after the version.
  for (const node of [certificate.root, body, body?.subs[6]]) if (node) remember(node)
  const clone = certificate.clone.bind(certificate)
  certificate.clone = () => {
    const copy = clone()
    rememberMembers(copy)
    return copy
  }
}

/** For a copy, from which the promises of logs are removed before the rest is written: each member by itself. */
function rememberMembers({ root, extensions }: X509Certificate): void {
  const members = root.subs[0]?.subs ?? []
  for (const node of [...members, ...extensions]) if (node.subs[0]?.subs !== extensions) remember(node)
}

function remember(node: Node): void {
  let bytes: ReturnType<Node['toDER']> | undefined
  node.toDER = () => {
    bytes ??= new ASN1Obj(node.tag, node.value, []).toDER()
    return bytes
  }
}

/** The same for a trusted authority, which is also verified only once, and not again for every signature. */
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
