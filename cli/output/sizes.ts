const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** Bytes in words, decimal as on the packaging of a stick: `1.30 GB`, `512 B`. */
export function size(bytes: number): string {
  const { value, unit } = scaled(bytes, 999.995)
  return unit === 'B' ? `${Math.round(value)} B` : `${value.toFixed(2)} ${unit}`
}

/** Bytes as docker's tables show them: three digits at most and no space, `1.3GB`, `124MB`. */
export function dockerSize(bytes: number): string {
  const { value, unit } = scaled(bytes, 999.5)
  return `${Number(value.toPrecision(3))}${unit}`
}

/** @param limit from here on, rounding would show a fourth digit before the point */
function scaled(bytes: number, limit: number): { value: number; unit: string } {
  let value = bytes
  let at = 0
  while (value >= limit && at < UNITS.length - 1) {
    value /= 1000
    at++
  }
  return { value, unit: UNITS[at] ?? '' }
}
