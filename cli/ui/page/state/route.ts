import { useEffect, useState } from 'preact/hooks'

export const VIEWS = ['images', 'find', 'install', 'compare', 'site', 'image'] as const
export type View = (typeof VIEWS)[number]

export interface Route {
  view: View
  values: URLSearchParams
}

/** `#/image?name=debian%3A12`: which view to show, and of what. */
export function routeOf(hash: string): Route {
  const [, name, query = ''] = /^#\/(\w+)(?:\?(.*))?$/.exec(hash) ?? []
  return { view: VIEWS.find((one) => one === name) ?? 'images', values: new URLSearchParams(query) }
}

export function hrefOf(view: View, values: Record<string, string> = {}): string {
  const query = new URLSearchParams(values).toString()
  return `#/${view}${query === '' ? '' : `?${query}`}`
}

export function go(view: View, values?: Record<string, string>): void {
  location.hash = hrefOf(view, values)
}

export function useRoute(): Route {
  const [hash, set] = useState(location.hash)
  useEffect(() => {
    const changed = (): void => set(location.hash)
    addEventListener('hashchange', changed)
    return () => removeEventListener('hashchange', changed)
  }, [])
  return routeOf(hash)
}
