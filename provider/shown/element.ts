/**
 * A piece of a page that is not drawn yet. The window makes it into elements of Preact, and the page of a media is written
 * as text: so both are made with the same components.
 */
export class Shown {
  constructor(
    readonly tag: string | Component,
    readonly attributes: Attributes,
    readonly children: readonly Child[],
  ) {}
}

export type Attribute = string | number | boolean | undefined
export type Attributes = Readonly<Record<string, unknown>>

/** Looks at nothing but its properties, so it needs no browser. */
// biome-ignore lint/suspicious/noExplicitAny: components with any properties
export type Component = (properties: any) => Child

/** An element of Preact, which only the window has: a link to a view, or a button. */
export interface Foreign {
  type: unknown
  props: unknown
  key: unknown
}

/** Lists may be long: they are gone through when they are drawn. */
export type Child = Shown | Foreign | string | number | boolean | null | undefined | Iterable<Child>

/** What the compiler calls for `<tag attribute="">`, see `@jsx` in the files of components. */
export function element(tag: string | Component, attributes: Attributes | null, ...children: Child[]): Shown {
  return new Shown(tag, attributes ?? {}, children)
}

/** Several pieces where one is expected: `<>...</>`. */
export function Pieces({ children }: { children?: Child }): Child {
  return children
}

/** The types that the compiler looks for beside the function. */
export namespace element {
  export namespace JSX {
    export type Element = Shown
    export type ElementType = string | Component
    export interface ElementChildrenAttribute {
      children: unknown
    }
    export interface IntrinsicAttributes {
      key?: string | number
    }
    export interface IntrinsicElements {
      [tag: string]: { [attribute: string]: Attribute | Child }
    }
  }
}
