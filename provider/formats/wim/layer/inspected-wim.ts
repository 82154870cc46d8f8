/** A WIM as its header and XML data describe it. */
export interface InspectedWim {
  /** The first part's file name. */
  name: string
  format: 'WIM'
  guid: string
  /** none, XPRESS, LZX or LZMS. */
  compression: string
  /** Bytes that one chunk expands to; 0 if nothing is compressed. */
  chunkSize: number
  /** Whether many files share a chunk, as in an ESD. */
  solid: boolean
  /** wimlib's form that can be read from a pipe. */
  pipable: boolean
  /** Whether every part has a table of hashes over its bytes. */
  integrityTable: boolean
  bootIndex?: number
  /** Bytes of all parts. */
  size: number
  parts: { number: number; name: string; size: number }[]
  images: InspectedWimImage[]
}

/** One image of a WIM; what its maker did not write is left out. */
export interface InspectedWimImage {
  /** From 1. */
  index: number
  name?: string
  description?: string
  displayName?: string
  edition?: string
  installationType?: string
  productName?: string
  /** As OCI names it. */
  architecture?: string
  /** Four parts. */
  version?: string
  build?: string
  languages?: readonly string[]
  defaultLanguage?: string
  /** Bytes of all files. */
  size?: number
  files?: number
  folders?: number
  created?: string
  modified?: string
}
