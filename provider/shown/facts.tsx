/** @jsxRuntime classic */
/** @jsx element */
import { type Child, element } from './element.js'
import { word } from './words/words.js'

/** Terms with their values; those without a value are left out. */
export function Facts({ facts }: { facts: [string, Child][] }) {
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== undefined && value !== '')
        .map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
    </dl>
  )
}

/** Values one below the other. */
export function Lines({ lines }: { lines: string[] }) {
  if (lines.length === 0) return <span class="faint">{word('none')}</span>
  return (
    <ul class="lines">
      {lines.map((line) => (
        <li key={line}>
          <code>{line}</code>
        </li>
      ))}
    </ul>
  )
}
