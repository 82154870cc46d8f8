import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { t } from '../words/words.js'

/** A question that has to be answered first; Escape closes it. */
export function Dialog(props: { title: string; onClose(): void; children: ComponentChildren }) {
  const { title, onClose, children } = props
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <div class="head">
        <h2 id={id}>{title}</h2>
        <span class="grows" />
        <button type="button" class="quiet" aria-label={t('closeDialog')} onClick={onClose}>
          ✕
        </button>
      </div>
      {children}
    </dialog>
  )
}
