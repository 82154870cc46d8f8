import { ContainerImageError } from '../../manifests/index.js'
import type { Severity, VulnerabilitiesResult } from '../../provider/index.js'
import type { Command } from '../command/command.js'
import { DATABASE } from '../options/database.js'
import { commonOf } from '../options/everywhere.js'
import { LOOK, lookOf, ONE_IMAGE } from '../options/look.js'
import { vulnerabilityLines } from '../output/vulnerabilities.js'

/** `unknown` and `negligible` are never asked for. */
const LEVELS: Severity[] = ['low', 'medium', 'high', 'critical']

export const vulnerabilities: Command = {
  name: 'vulnerabilities',
  summary: 'Compare the packages of an image with known advisories',
  more: 'The database is a file on this machine, and nobody is asked. `database add` makes it of what publishers export',
  positionals: [ONE_IMAGE],
  options: {
    severity: {
      type: 'value',
      placeholder: 'LEVEL',
      describe: 'Only from this one on: low, medium, high, critical',
      values: LEVELS,
    },
    fixed: { type: 'switch', describe: 'Only those that a newer version repairs' },
    'fail-on': {
      type: 'value',
      placeholder: 'LEVEL',
      describe: 'End with exit code 4 from this severity on',
      more: 'What is ignored or left out does not count; exit code 3 if the database has nothing of the distribution',
      values: LEVELS,
    },
    ignore: {
      type: 'list',
      placeholder: 'FILE',
      describe: 'Leave out what FILE says: VEX, or a list of ids',
      more: 'FILE is OpenVEX, CycloneDX with VEX, or an id a line, with exp:YYYY-MM-DD after it where it counts until that day, and a comment after #',
      offer: 'files',
    },
    database: DATABASE,
    ...LOOK,
  },
  examples: [
    { line: 'vulnerabilities debian:12.5', does: 'All that is known, the worst first' },
    {
      line: 'vulnerabilities ./usb/debian-12-5.tar --fail-on high --ignore ./site.vex.json',
      does: 'As a gate, for what arrived',
    },
    { line: 'vulnerabilities debian --severity high --fixed', does: 'What an update would repair' },
  ],
  async run(args, run) {
    const library = await import('../../provider/index.js')
    const work = library.vulnerabilities({
      ...commonOf(args, run),
      ...lookOf(args),
      database: args.text('database'),
      severity: levelOf(args.text('severity')),
      fixed: args.flag('fixed'),
      failOn: levelOf(args.text('fail-on')),
      ignore: args.list('ignore'),
    })
    const tell = (result: VulnerabilitiesResult): void => run.print(result, () => vulnerabilityLines(result))
    // What was found is told also where it is why the run fails.
    const result = await work.catch((error) => {
      if (error instanceof ContainerImageError && error.done !== undefined)
        tell(error.done as VulnerabilitiesResult)
      throw error
    })
    tell(result)
    return undefined
  },
}

function levelOf(text: string | undefined): Severity | undefined {
  return LEVELS.find((one) => one === text)
}
