import { options, type VNode } from 'preact'

/** Characters that control, hide or reorder what is around them (CVE-2021-42574). */
const STEERING = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A text from outside, in a form that is safe among other text. */
export function plain(text: string): string {
  return text.replace(STEERING, '?')
}

/** From now on no text that is put on the page has such characters, even if a caller forgot to clean it. */
export function keepTextPlain(): void {
  const before = options.vnode
  options.vnode = (node: VNode) => {
    if (typeof node.type === 'string') {
      const props = node.props as { children?: unknown; title?: unknown }
      props.children = plainChildren(props.children)
      if (typeof props.title === 'string') props.title = plain(props.title)
    }
    before?.(node)
  }
}

function plainChildren(children: unknown): unknown {
  if (typeof children === 'string') return plain(children)
  return Array.isArray(children) ? children.map(plainChildren) : children
}
