import type { Library, LibraryFunction, LibraryType } from './library.js'

/** docs/api.md: every function and type that can be imported, from the sources themselves. */
export function apiPage({ functions, types }: Library): string {
  return [
    '# The library',
    '',
    'Written by `npm run docs` from the sources; a test compares the two.',
    '',
    '```js',
    "import { ContainerImageError, save } from 'containerimage'",
    '',
    "await save({ names: ['debian'], path: '/media/stick' })",
    '```',
    '',
    'Sizes are in bytes, times are ISO 8601. A member with `?` may be left out, or be `undefined` in a request. Every',
    'error is a `ContainerImageError`; [errors.md](errors.md) explains the codes. Besides the codes that are named',
    'here, each function may throw INTERRUPTED, PERMISSION_DENIED, SETTINGS_UNREADABLE and UNEXPECTED, and if it',
    'writes, NO_SPACE and CANNOT_MAKE.',
    '',
    '## Functions',
    ...functions.flatMap(functionSection),
    '',
    '## Types',
    ...types.flatMap(typeSection),
    '',
  ].join('\n')
}

function functionSection({ name, doc, throws, signature }: LibraryFunction): string[] {
  return ['', `### ${name}`, '', `\`${name}${signature}\``, '', doc, '', `Throws ${throws}.`]
}

function typeSection({ name, doc, bases, members, text }: LibraryType): string[] {
  const head = [doc, ...(bases.length > 0 ? [`Extends ${bases.map(code).join(', ')}.`] : [])].filter(Boolean)
  return [
    '',
    `### ${name}`,
    ...(head.length > 0 ? ['', head.join(' ')] : []),
    ...(text === undefined ? [] : ['', code(text)]),
    ...(members.length === 0 ? [] : ['', '| member | type | meaning |', '| --- | --- | --- |']),
    ...members.map(
      (one) =>
        `| ${code(one.name + (one.isOptional ? '?' : ''))} | ${cell(code(one.type))} | ${cell(one.doc)} |`,
    ),
  ]
}

function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
