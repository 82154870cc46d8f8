import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { About } from '../../protocol/actions.js'

export const AboutContext = createContext<About>({ version: '', allowsChanges: false, inside: [] })

/** What the program says about itself. */
export function useAbout(): About {
  return useContext(AboutContext)
}
