import type { Command } from '../command/command.js'
import { usage } from '../command/usage.js'
import { commonOf } from '../options/everywhere.js'
import { IDENTITY } from '../options/identity.js'
import { POLICY, policyOf } from '../options/policy.js'
import { SIGNATURES, signaturesOf } from '../options/signatures.js'
import { servedLines, servingLines } from '../output/serving.js'
import { whatIf } from '../output/what-if.js'

const DEFAULT_GRACE_S = '10'
/** A day; a second signal ends it at once anyway. */
const LONGEST_GRACE_S = 86_400

export const serve: Command = {
  name: 'serve',
  summary: 'Serve a store, media or archive as a read-only registry',
  more: 'It runs until it is stopped',
  positionals: [
    {
      name: 'path',
      describe: 'An archive, a set of volumes, a layout or a media; default: the store',
      offer: 'files',
    },
  ],
  options: {
    ...IDENTITY,
    media: {
      type: 'value',
      placeholder: 'FOLDER',
      describe: 'The folder of a media; same as the path',
      offer: 'folders',
    },
    listen: {
      type: 'value',
      placeholder: 'ADDR',
      describe: 'host:port; default: 127.0.0.1:5000',
      more: 'Port 0 picks a free one',
    },
    'tls-cert': {
      type: 'value',
      placeholder: 'FILE',
      describe: 'PEM file of the certificate',
      offer: 'files',
    },
    'tls-key': { type: 'value', placeholder: 'FILE', describe: 'PEM file of its key', offer: 'files' },
    auth: {
      type: 'value',
      placeholder: 'HTPASSWDFILE',
      describe: 'Who may read, as `htpasswd -B` writes it',
      more: 'NAME:HASH lines with bcrypt hashes',
      offer: 'files',
    },
    'access-log': {
      type: 'value',
      placeholder: 'FILE',
      describe: 'Log requests to this file; default: stderr',
      more: 'Each is a line of JSON; SIGHUP reopens the file',
      offer: 'files',
    },
    ...POLICY,
    grace: {
      type: 'value',
      placeholder: 'SECONDS',
      describe: 'Time for downloads to finish at the end; default: 10',
      more: 'It starts with the first signal',
    },
    ...SIGNATURES,
  },
  examples: [
    { line: 'serve', does: 'The store, for this machine: docker pull 127.0.0.1:5000/debian:12.5' },
    { line: 'serve ./media --listen 127.0.0.1:0 --access-log ./access.log', does: 'A media, on a free port' },
    {
      line: 'serve --listen 0.0.0.0:5000 --tls-cert c.pem --tls-key k.pem --auth users',
      does: 'The store, for a whole plant',
    },
  ],
  async run(args, run) {
    const [path, media] = [args.text('path'), args.text('media')]
    if (path !== undefined && media !== undefined)
      throw usage('serve takes a path or --media, not both.', ['serve'])
    const library = await import('../../provider/index.js')
    const isAsked = args.flag('what-if')
    const graceMs = graceOf(args.text('grace'))
    run.onLongEnd(graceMs)
    const result = await library.serve({
      ...commonOf(args, run),
      ...signaturesOf(args),
      ...policyOf(args),
      path: path ?? media,
      listen: args.text('listen'),
      tlsCert: args.text('tls-cert'),
      tlsKey: args.text('tls-key'),
      auth: args.text('auth'),
      accessLog: args.text('access-log'),
      graceMs,
      onLogLine: (line) => {
        if (!run.quiet) run.log(line)
      },
      onReload: (reload) => run.onHangUp(reload),
      onListening: (serving) => run.print(serving, () => servingLines(serving)),
    })
    if (isAsked) {
      const target = path ?? media ?? 'the store'
      run.print({ path: target }, () => [whatIf('Serve Registry', target)])
    } else for (const line of servedLines(result)) run.note(line)
    return undefined
  },
}

function graceOf(text = DEFAULT_GRACE_S): number {
  const seconds = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && seconds <= LONGEST_GRACE_S) return seconds * 1000
  throw usage(`--grace takes seconds, up to ${LONGEST_GRACE_S}.`, ['serve'])
}
