import type { Findings } from './problems.js'

/*
 * Engines and registries read these documents with Go's encoding/json, and most documents were written by it.
 * Where Go reads a document differently from JSON.parse, we either read it like Go or refuse it: what one
 * program checks must be what another one runs.
 */

/**
 * A copy without members that are null, at any depth: Go treats them as missing, and writes an empty list as
 * null.
 * @param lists names of top-level members that become an empty list if they are null
 */
export function withoutNulls(object: Record<string, unknown>, lists: string[] = []): Record<string, unknown> {
  const filled = Object.entries(object).map(([key, v]) => [key, v === null && lists.includes(key) ? [] : v])
  return withoutNullMembers(Object.fromEntries(filled)) as Record<string, unknown>
}

function withoutNullMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNullMembers)
  if (value === null || typeof value !== 'object') return value
  const members = Object.entries(value).filter(([, v]) => v !== null)
  return Object.fromEntries(members.map(([key, v]) => [key, withoutNullMembers(v)]))
}

/**
 * Adds to the findings each member that Go would treat as one of the names although it is spelled
 * differently.
 */
export function checkSpelling(
  object: Record<string, unknown>,
  names: readonly string[],
  where: string,
  findings: Findings,
): void {
  const known = new Map(names.map((name) => [fold(name), name]))
  for (const key of Object.keys(object)) {
    const name = known.get(fold(key))
    if (name !== undefined && name !== key) findings.add(where || '(whole)', `the spelling "${name}"`, key)
  }
}

/**
 * A copy whose members are spelled as given, as Go reads them: old versions of Jib wrote `config`. A name in
 * two spellings is added to the findings, as two readers may take different values.
 */
export function inSpelling(
  object: Record<string, unknown>,
  names: readonly string[],
  where: string,
  findings: Findings,
): Record<string, unknown> {
  const known = new Map(names.map((name) => [fold(name), name]))
  const spelled = new Map<string, unknown>()
  for (const [key, value] of Object.entries(object)) {
    const name = known.get(fold(key)) ?? key
    if (spelled.has(name)) findings.add(where || '(whole)', `one spelling of "${name}"`, key)
    spelled.set(name, value)
  }
  return Object.fromEntries(spelled)
}

/** Adds to the findings each key that differs from an earlier one only in case. */
export function checkKeysDistinct(object: Record<string, unknown>, findings: Findings): void {
  const seen = new Map<string, string>()
  for (const key of Object.keys(object)) {
    const other = seen.get(fold(key))
    if (other !== undefined) findings.add(key, 'keys that differ by more than case', other)
    seen.set(fold(key), key)
  }
}

/** The value of a key, whatever its case: Go's parser ignores case, and ours must agree with it. */
export function anyCase(object: Record<string, unknown>, key: string): unknown {
  for (const [k, v] of Object.entries(object)) if (fold(k) === fold(key)) return v
  return undefined
}

/** Go folds by Unicode's simple rules: the long s is an s, and the Kelvin sign a k (toLowerCase knows that one). */
function fold(key: string): string {
  return key.replaceAll('\u017f', 's').toLowerCase()
}
