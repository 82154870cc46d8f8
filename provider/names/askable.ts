/** What an image can be asked for by; one row a name. */
export interface Askable {
  /** Its whole name as docker shows it, `<none>` where it has none. */
  repository: string
  tag: string
  /** `CN=PUBLISHER_NAME_VERSION`. */
  fullName: string
  /** Of its config. */
  id: string
  /** Of its manifest. */
  digest: string
  /** Of the index that it was chosen from. */
  originIndex?: string | undefined
}
