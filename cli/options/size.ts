const UNITS: Record<string, number> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 }

/**
 * `650m`, `4g`, `4.7 GB` or a number of bytes, in powers of ten like printed sizes.
 * @returns bytes; undefined for anything that is not a size
 */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,9})?)\s*([kmgt]?)b?$/i.exec(text.trim())
  const size = Math.floor(Number(match?.[1]) * (UNITS[match?.[2]?.toLowerCase() ?? ''] ?? Number.NaN))
  return match && Number.isSafeInteger(size) ? size : undefined
}
