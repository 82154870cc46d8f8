/** What an image has under one name, after all of its layers were applied. */
export interface TreeEntry {
  /** From the root of the image, with forward slashes and none before it; empty for the root. Names are in `exactText`. */
  path: string
  /** A further name of a file is a file as well: `sameAs` says of which. */
  kind: 'file' | 'folder' | 'link' | 'character-device' | 'block-device' | 'fifo'
  /** In bytes; 0 for what is not a file. */
  size: number
  /** The twelve lowest bits of a mode: permissions, setuid, setgid, sticky. */
  mode: number
  uid: number
  gid: number
  /** In seconds since 1970, with decimals where the layer has them. */
  mtime: number
  /** Of a link: where it leads, as the layer spells it. */
  target?: string
  /** Of a further name of a file: the path of the name that has the bytes. */
  sameAs?: string
  /** Of a device. */
  device?: { major: number; minor: number }
  /** By their whole names, such as `security.capability`. */
  xattrs?: ReadonlyMap<string, Uint8Array>
  /** The layer that brought it, from 0. */
  layer: number
}
