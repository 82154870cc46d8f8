import path from 'node:path'

/** What an OCI archive is packed into where a tar may not pass. */
export type PackedFormat = 'zip' | '7z'

export function isPacked(format: string): format is PackedFormat {
  return format === 'zip' || format === '7z'
}

/** The format that the name of a file asks for. */
export function packedByEnding(file: string): PackedFormat | undefined {
  const ending = path.extname(file).slice(1).toLowerCase()
  return isPacked(ending) ? ending : undefined
}
