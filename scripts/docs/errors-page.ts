import { COMMAND_LINE } from '../../cli/words/wording.js'
import { defaultRemedy, ERROR_CODES, type ErrorCode, speak } from '../../manifests/index.js'

/** The exit codes, as programs test them. */
export const EXITS: Record<number, string> = {
  0: 'Done',
  1: 'Unexpected, or refused by the system',
  2: 'Usage: the command line, or what it names, is wrong',
  3: 'Nothing matches',
  4: 'Verification failed: the bytes are not what they should be',
  5: 'Conflict: in use, in the way, or ambiguous',
  6: 'Not enough space',
  7: 'Network',
  130: 'Interrupted',
}

/** docs/errors.md: every code with its exit code, its meaning and what to do. */
export function errorsPage(): string {
  const back = speak(COMMAND_LINE)
  try {
    return pageInThoseWords()
  } finally {
    back()
  }
}

function pageInThoseWords(): string {
  const codes = Object.keys(ERROR_CODES).filter(isErrorCode)
  const sections = Object.entries(EXITS).flatMap(([exit, title]) => {
    const here = codes.filter((code) => ERROR_CODES[code].exit === Number(exit))
    return here.length === 0 ? [] : ['', `## Exit code ${exit}: ${title}`, '', ...here.flatMap(errorSection)]
  })
  return [
    '# Errors',
    '',
    'Written by `npm run docs` from `manifests/errors.ts`; a test compares the two.',
    '',
    'Every error has a code in words, says what was expected, what was found and on which side (source or',
    'destination) if there are two, and ends with what to do about it. With `--json` it is one line on stderr:',
    '`{"error": {"code", "message", "remedy", "details"}}`, where `details` holds `expected`, `found`, `side` and',
    'whatever else is known, such as `besides`: what failed later, while everything was being closed. `--verbose` adds',
    'where it was thrown and what caused it.',
    '',
    '| exit code | meaning |',
    '| --- | --- |',
    ...Object.entries(EXITS).map(([exit, title]) => `| ${exit} | ${title} |`),
    '',
    '`verify` also ends with 4 if it found problems; they are in its report, not an error of the run.',
    ...sections,
  ]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .concat('\n')
    .replace(/\n+$/, '\n')
}

function errorSection(code: ErrorCode): string[] {
  return [`### ${code}`, '', ERROR_CODES[code].meaning, '', `What to do: ${defaultRemedy(code)}`, '']
}

function isErrorCode(text: string): text is ErrorCode {
  return text in ERROR_CODES
}
