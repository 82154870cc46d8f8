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
  more: 'The database is a file on this machine, and no network is used. `database add` builds it from what publishers export',
  positionals: [ONE_IMAGE],
  options: {
    severity: {
      type: 'value',
      placeholder: 'LEVEL',
      describe: 'Only this severe or worse: low, medium, high, critical',
      values: LEVELS,
    },
    fixed: { type: 'switch', describe: 'Only those that a newer version fixes' },
    'fail-on': {
      type: 'value',
      placeholder: 'LEVEL',
      describe: 'Exit with 4 if any is this severe or worse',
      more: 'What is ignored or left out does not count; exit code 3 if the database has nothing for the distribution',
      values: LEVELS,
    },
    ignore: {
      type: 'list',
      placeholder: 'FILE',
      describe: 'Leave out what FILE lists: VEX, or ids',
      more: 'FILE is OpenVEX, CycloneDX with VEX, or one id per line, followed by exp:YYYY-MM-DD if it counts only until that day, and a comment after #',
      offer: 'files',
    },
    database: DATABASE,
    ...LOOK,
  },
  examples: [
    { line: 'vulnerabilities debian:12.5', does: 'All known ones, worst first' },
    {
      line: 'vulnerabilities ./usb/debian-12-5.tar --fail-on high --ignore ./site.vex.json',
      does: 'As a gate for what arrived',
    },
    { line: 'vulnerabilities debian --severity high --fixed', does: 'What an update would fix' },
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
    // What was found is printed even if it makes the run fail.
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
