import type { Command } from '../command/command.js'

/** By the name of its program. */
const SYNONYMS: Record<string, string> = { pwsh: 'powershell' }

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const

export const completion: Command = {
  name: 'completion',
  summary: 'Print a completion script for a shell',
  positionals: [
    { name: 'shell', required: true, describe: SHELLS.join(', '), values: SHELLS, synonyms: SYNONYMS },
  ],
  examples: [
    { line: 'completion bash', does: 'Load it with: eval "$(containerimage completion bash)"' },
    { line: 'completion powershell', does: 'Pipe it to: Out-String | Invoke-Expression' },
  ],
  async run(args, run) {
    const { completionScript } = await import('./completion-scripts.js')
    const named = args.required('shell')
    const shell = SHELLS.find((one) => one === (SYNONYMS[named] ?? named)) ?? 'bash'
    const script = completionScript(shell)
    run.print({ shell, script }, () => script.split('\n'))
    return undefined
  },
}
