import type { UninstallRequest } from './request.js'

/** A request for several names as one request for each of them; a full name stands alone. */
export function askedOneByOne(request: UninstallRequest): UninstallRequest[] {
  const { name, names = [], fullName } = request
  const all = [...(name === undefined ? [] : [name]), ...names]
  if (fullName !== undefined || all.length === 0) return [request]
  return [...new Set(all)].map((one) => ({ ...request, name: one }))
}
