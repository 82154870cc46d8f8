import { useEffect, useId, useState } from 'preact/hooks'
import { t } from '../words/words.js'

/** Takes a file that is dropped or chosen. */
export function DropZone({ onFile, isDisabled }: { onFile(file: File): void; isDisabled: boolean }) {
  const [isOver, setOver] = useState(false)
  const id = useId()
  useEffect(() => {
    // A file that is dropped outside the zone would be opened in place of the page.
    const prevent = (event: Event): void => event.preventDefault()
    addEventListener('dragover', prevent)
    addEventListener('drop', prevent)
    return () => {
      removeEventListener('dragover', prevent)
      removeEventListener('drop', prevent)
    }
  }, [])
  const take = (files: FileList | null | undefined): void => {
    const file = files?.[0]
    setOver(false)
    if (file && !isDisabled) onFile(file)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the choice of a file in it does the same for the keyboard
    <div
      class={isOver ? 'drop over' : 'drop'}
      onDragEnter={() => setOver(true)}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => take(event.dataTransfer?.files)}
    >
      <label for={id}>{t('dropHere')}</label>
      <input
        id={id}
        type="file"
        disabled={isDisabled}
        onChange={(event) => {
          take(event.currentTarget.files)
          event.currentTarget.value = ''
        }}
      />
    </div>
  )
}
