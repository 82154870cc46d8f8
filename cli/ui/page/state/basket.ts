import { useEffect, useState } from 'preact/hooks'

/** One image that is to be saved. */
export interface Wanted {
  /** As `save` takes it. */
  name: string
  source: string
}

const KEPT = 'basket'
const listeners = new Set<(basket: Wanted[]) => void>()
let current: Wanted[] = JSON.parse(sessionStorage.getItem(KEPT) ?? '[]')

/** What has been chosen so far; it survives a change of view, and is gone when the tab is closed. */
export function useBasket(): [Wanted[], (basket: Wanted[]) => void] {
  const [basket, set] = useState(current)
  useEffect(() => {
    listeners.add(set)
    return () => void listeners.delete(set)
  }, [])
  return [basket, change]
}

export function change(basket: Wanted[]): void {
  current = basket
  sessionStorage.setItem(KEPT, JSON.stringify(basket))
  for (const listener of listeners) listener(basket)
}

export function put(wanted: Wanted): void {
  if (!current.some(({ name }) => name === wanted.name)) change([...current, wanted])
}
