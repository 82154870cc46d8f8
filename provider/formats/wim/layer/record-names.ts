/**
 * Why the key of a layer's record cannot end in this name of an extended attribute; undefined if it can. A
 * key ends at the first equals sign (POSIX.1-2017, pax, "pax Extended Header"), Go accepts none with a NUL
 * (archive/tar, validPAXRecord), and a name that is not UTF-8 has already lost its bytes here.
 */
export function recordNameFault(name: string): string | undefined {
  if (name.includes('=')) return 'an equals sign in its name'
  if (name.includes('\0')) return 'a NUL in its name'
  return name.includes('\ufffd') ? 'a name that is not UTF-8' : undefined
}
