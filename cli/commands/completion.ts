import type { Command } from '../command.js'

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const

export const completion: Command = {
  name: 'completion',
  summary: 'Print the script that completes command lines in a shell',
  positionals: [{ name: 'shell', required: true, describe: 'bash, zsh, fish or powershell', values: SHELLS }],
  examples: [
    { line: 'completion bash', does: 'To be read with: eval "$(containerimage completion bash)"' },
    { line: 'completion powershell', does: 'To be piped to: Out-String | Invoke-Expression' },
  ],
  async run(args, run) {
    const { completionScript } = await import('../completion/scripts.js')
    const shell = SHELLS.find((one) => one === args.text('shell')) ?? 'bash'
    const script = completionScript(shell)
    run.print({ shell, script }, () => [script])
    return undefined
  },
}
