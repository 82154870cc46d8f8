import { useId } from 'preact/hooks'
import { size } from '../state/amounts.js'
import { t } from '../words/words.js'
import { useAnswer } from './use-answer.js'

/** A path that is typed, or starts with a stick that is plugged in. */
export function PathField(props: {
  label: string
  help: string
  value: string
  onChange(path: string): void
}) {
  const { label, help, value, onChange } = props
  const id = useId()
  const { answer: sticks = [] } = useAnswer('removable', {})
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        value={value}
        autocomplete="off"
        spellcheck={false}
        aria-describedby={`${id}-help`}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <small id={`${id}-help`}>{help}</small>
      {sticks.length > 0 && (
        <ul class="chips" aria-label={t('removable')}>
          {sticks.map(({ path, freeBytes }) => (
            <li key={path}>
              <button type="button" class="chip" onClick={() => onChange(path)}>
                {path} <small>{freeBytes === undefined ? '' : t('free', { size: size(freeBytes) })}</small>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
