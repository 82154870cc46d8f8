/** What would steer a terminal, reorder or hide text, break a table, become markup, or drown what matters. */
export const HOSTILE_TEXTS: Readonly<Record<string, string>> = {
  'escape sequences': 'a\u001b[2J\u001b]0;title\u0007\u001b[31mred',
  'one-byte escapes': 'a\u009b2Jb\u0090c\u009c',
  'a bidirectional override': 'gnp.\u202eexe.tar\u202c \u2066x\u2069',
  'invisible characters': 'la\u200btest\ufeff\u2060\u00ad',
  'lines of their own': 'a\nNAME  VERSION\r\nforged  1.0\u2028x\u2029y\u0085z',
  'four kilobytes': 'x'.repeat(4096),
  'kilobytes without an end': `${'\u0301'.repeat(2000)}${'é'.repeat(1000)}`,
  markup: '<script>alert(1)</script>"><img src=x onerror=alert(1)>&amp;\'',
  'half of a character': 'a\ud800b\udc00',
  'a prototype': '__proto__',
  formulas: '=cmd|" /C calc"!A0',
  'a location with a password': 'https://user:hunter2@host.invalid/x?sig=hunter2',
}
