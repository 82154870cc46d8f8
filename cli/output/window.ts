/** Where a window is, and how it ends. */
export function openedLines(address: string, isShown: boolean): string[] {
  return [
    isShown ? 'The window is open in the browser:' : 'Open this address in a browser on this machine:',
    `  ${address}`,
    '  Ctrl-C ends it.',
  ]
}
