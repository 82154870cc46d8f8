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

/** The largest file on FAT32, in whole blocks; a single-layer DVD and a Blu-ray disc, less what UDF needs. */
const MEDIA: Record<string, number> = { fat32: 2 ** 32 - 512, dvd: 4_690_000_000, bd: 25_000_000_000 }

/** A size, or the one that fits `fat32`, `dvd` or `bd`. @returns bytes; undefined for anything else */
export function parseVolumeSize(text: string): number | undefined {
  return MEDIA[text.trim().toLowerCase()] ?? parseSize(text)
}

/** `10%` or `10`. @returns more than 0 and at most 1; undefined for anything else */
export function parsePercent(text: string): number | undefined {
  const match = /^(\d{1,3}(?:\.\d{1,3})?)\s*%?$/.exec(text.trim())
  const value = Number(match?.[1]) / 100
  return match && value > 0 && value <= 1 ? value : undefined
}
