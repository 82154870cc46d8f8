import { useState } from 'preact/hooks'
import type { ActionName, RequestOf } from '../../protocol/actions.js'
import { commandLine } from '../../protocol/command-line.js'
import { t } from '../words/words.js'
import { useAbout } from './about.js'
import { CommandLine } from './shown.js'

const SHOWN_MS = 2000

/** The command line that does the same as an action, to copy. */
export function CommandBox<Name extends ActionName>(props: { action: Name; request: RequestOf<Name> }) {
  const { store } = useAbout()
  const [isCopied, set] = useState(false)
  const line = commandLine(props.action, props.request, store)
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(line)
    set(true)
    setTimeout(() => set(false), SHOWN_MS)
  }
  return (
    <CommandLine line={line} title={t('sameOnCommandLine')}>
      <button type="button" class="quiet" aria-label={`${t('copy')}: ${line}`} onClick={() => void copy()}>
        {isCopied ? t('copied') : t('copy')}
      </button>
    </CommandLine>
  )
}
