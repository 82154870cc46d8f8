/**
 * What Windows, macOS and Linux put on a stick by themselves, by its name at the top: not ours, not hostile,
 * and not to be reported each time.
 */
const OF_SYSTEMS = [
  /^system volume information$/i,
  /^\$recycle\.bin$/i,
  /^\.(trashes|spotlight-v100|fseventsd|temporaryitems|documentrevisions-v100|apdisk)$/i,
  /^\.trash-\d+$/i,
  /^lost\+found$/,
  /^(desktop\.ini|thumbs\.db)$/i,
]

/** macOS leaves these in every folder, and its attributes beside files on FAT. */
const OF_FOLDERS = [/^\.ds_store$/i, /^\._/]

/** Whether a path on a stick belongs to an operating system. */
export function isOfSystem(path: string): boolean {
  const [top = '', ...below] = path.split('/')
  const last = below.at(-1) ?? top
  return OF_SYSTEMS.some((name) => name.test(top)) || OF_FOLDERS.some((name) => name.test(last))
}
