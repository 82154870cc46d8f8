/** @jsxRuntime classic */
/** @jsx element */
import { type Child, element } from './element.js'

/** A line for a shell. */
export function CommandLine({ line, title, children }: { line: string; title?: string; children?: Child }) {
  return (
    <div class="command">
      <code title={title}>{line}</code>
      {children}
    </div>
  )
}
