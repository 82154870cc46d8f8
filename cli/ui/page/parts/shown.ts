import { type ComponentChildren, createElement } from 'preact'
import * as components from '../../../../provider/shown/index.js'

// The components that the page of a media is made with as well, as components of Preact.
export const CommandLine = ofPreact(components.CommandLine)
export const ConfigFacts = ofPreact(components.ConfigFacts)
export const Facts = ofPreact(components.Facts)
export const LayersTable = ofPreact(components.LayersTable)
export const Lines = ofPreact(components.Lines)
export const ShortTable = ofPreact(components.ShortTable)

/** A table whose rows are all drawn. */
export function Table<Row>(props: components.TableProps<Row>) {
  return drawn(components.Table(props))
}

function ofPreact<Props>(component: (props: Props) => components.Child): (props: Props) => ComponentChildren {
  return (props) => drawn(component(props))
}

/** As elements of Preact, which keeps every text a text. */
export function drawn(child: components.Child): ComponentChildren {
  if (child instanceof components.Shown) {
    const { tag, attributes, children } = child
    if (typeof tag !== 'string') return drawn(tag({ ...attributes, children }))
    return createElement(tag, attributes, ...children.map(drawn))
  }
  // Preact's own elements, and whatever is neither a text nor a list, stay as they are.
  if (typeof child !== 'object' || child === null || !(Symbol.iterator in child)) return child
  return Array.from(child, drawn)
}
