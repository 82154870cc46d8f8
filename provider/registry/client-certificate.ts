/** A certificate by which this program proves who runs it, in PEM files. */
export interface ClientCertificate {
  /** With its chain, where it has one. */
  certFile: string
  keyFile: string
}
