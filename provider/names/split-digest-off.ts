import { type Digest, isDigest } from '../../manifests/index.js'

/** `redis:7@sha256:...` in its halves, the reference by which a pod names what it runs. */
export function splitDigestOff(text: string): { name: string; digest?: Digest } {
  const at = text.lastIndexOf('@')
  const digest = text.slice(at + 1)
  return at > 0 && isDigest(digest) ? { name: text.slice(0, at), digest } : { name: text }
}
