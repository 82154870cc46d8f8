// Runs the command lines that it is given as JSON on standard input, in this one process, and prints how each ended.
import { text } from 'node:stream/consumers'
import { run } from '../cli/command/run.js'

const lines = JSON.parse(await text(process.stdin)) as string[][]
const ended: { line: string; code: number; err: string }[] = []
for (const words of lines) {
  const { code, err } = await run(words)
  ended.push({ line: words.join(' '), code, err })
}
process.stdout.write(JSON.stringify(ended))
