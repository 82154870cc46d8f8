export type Paint = (text: string) => string

export interface Colours {
  error: Paint
  warning: Paint
  good: Paint
  faint: Paint
}

/**
 * Colours for a stream: on terminals only. NO_COLOR (no-color.org) turns them off, FORCE_COLOR turns them on
 * anywhere and wins, as it does in Node.
 */
export function coloursFor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Colours {
  if (!wantsColours(stream, env)) return { error: same, warning: same, good: same, faint: same }
  return { error: painted(31), warning: painted(33), good: painted(32), faint: painted(2) }
}

export function wantsColours(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM: terminal } = env
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return Boolean(stream.isTTY) && !refused && terminal !== 'dumb'
}

function same(text: string): string {
  return text
}

/** ECMA-48, "SGR": a code before, a reset after. */
function painted(code: number): Paint {
  return (text) => `\u001b[${code}m${text}\u001b[0m`
}
