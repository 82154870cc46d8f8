/**
 * The target of the link with `rel=next` in a Link header (RFC 8288 section 3), as it is written there.
 * Where a link has several `rel` parameters only the first one counts (section 3.3).
 */
export function nextLink(value: string | undefined): string | undefined {
  for (const [, target, parameters = ''] of (value ?? '').matchAll(LINK))
    if (relationsOf(parameters).includes('next')) return target
  return undefined
}

/** `<target>` and its parameters; a quoted value may hold commas and semicolons. */
const LINK = /<([^<>]*)>((?:[ \t]*;[ \t]*[^\s=;,"]+(?:[ \t]*=[ \t]*(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*))?)*)/g
const PARAMETER = /;[ \t]*([^\s=;,"]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))/g

function relationsOf(parameters: string): string[] {
  for (const [, name, quoted, plain] of parameters.matchAll(PARAMETER))
    if (name?.toLowerCase() === 'rel') return (quoted ?? plain ?? '').toLowerCase().split(/\s+/)
  return []
}
