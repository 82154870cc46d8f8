import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

/** A text field with its label. */
export function TextField(props: {
  label: string
  value: string
  onChange(text: string): void
  help?: string
  list?: string[]
  isSearch?: boolean
}) {
  const { label, value, onChange, help, list, isSearch } = props
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type={isSearch ? 'search' : 'text'}
        value={value}
        autocomplete="off"
        spellcheck={false}
        list={list ? `${id}-list` : undefined}
        aria-describedby={help ? `${id}-help` : undefined}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      {help && <small id={`${id}-help`}>{help}</small>}
      {list && (
        <datalist id={`${id}-list`}>
          {list.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </div>
  )
}

/** One of a few values. */
export function SelectField(props: {
  label: string
  value: string
  onChange(value: string): void
  options: [value: string, label: string][]
}) {
  const { label, value, onChange, options } = props
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </div>
  )
}

export function CheckField(props: {
  checked: boolean
  onChange(isSet: boolean): void
  children: ComponentChildren
}) {
  const { checked, onChange, children } = props
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{children}</span>
    </label>
  )
}
