/** Whether a JSON value is an object, and not a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** Whether a JSON value is a list of texts. */
export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((v) => typeof v === 'string')
}

/** Whether a JSON value is a number of bytes that can be represented exactly. */
export function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
