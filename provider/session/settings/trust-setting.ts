/** A key whose signatures count. */
export interface TrustSetting {
  /** What messages call it. */
  name: string
  /** The public key, in the one line that minisign has for it. */
  key: string
  /** Patterns of the image names that it may sign; default: all. */
  for?: string[] | undefined
}
