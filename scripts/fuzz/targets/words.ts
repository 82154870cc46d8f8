import { harmless } from '../../../cli/output/outlet.js'
import { formattedLines } from '../../../cli/output/templates.js'
import { inMessage } from '../../../manifests/index.js'
import { withChanges } from '../../../provider/inside/commit/config-changes.js'
import { orderOf } from '../../../provider/inside/versions/orders.js'
import { parseChallenges } from '../../../provider/registry/challenge.js'
import { contentRange } from '../../../provider/registry/content-range.js'
import type { HttpAnswer } from '../../../provider/registry/http.js'
import { nextLink } from '../../../provider/registry/link.js'
import { retryAfter } from '../../../provider/registry/retry.js'
import { byteRangeOf } from '../../../provider/serve/byte-range.js'
import { Refusal } from '../../../provider/serve/refusal.js'
import { routeOf } from '../../../provider/serve/route.js'
import { broken, type Target } from '../target.js'

function text(name: string, seeds: string[], take: (text: string) => unknown, words: string[] = []): Target {
  return {
    name,
    prepare: () => ({
      seeds: seeds.map((one) => Buffer.from(one)),
      words,
      patience: 1000,
      take: (input) => take(input.toString('utf8')),
    }),
  }
}

const answer = (name: string, value: string): HttpAnswer =>
  ({ headers: { [name]: value }, status: 206 }) as unknown as HttpAnswer

const ECOSYSTEMS = [
  'Debian:12',
  'Alpine:v3.20',
  'Red Hat',
  'npm',
  'PyPI',
  'Go',
  'crates.io',
  'RubyGems',
  'Maven',
  'NuGet',
  'Packagist',
  'Bitnami',
]

/**
 * An order that is not total reports versions as vulnerable that are not, and vice versa. Maven's own is not total: a
 * list comes after a word, but before nothing if it begins with a word such as `rc` (ComparableVersion).
 */
function compared(versions: string): void {
  const [a = '', b = '', c = ''] = versions.split('\n')
  for (const ecosystem of ECOSYSTEMS) {
    const order = orderOf(ecosystem)
    const [ab, ba, bc, ac] = [order(a, b), order(b, a), order(b, c), order(a, c)].map(Math.sign)
    if (order(a, a) !== 0) broken(`${ecosystem}: ${JSON.stringify(a)} is not itself`)
    if (ab !== -(ba ?? 0) && ab !== 0) broken(`${ecosystem}: ${JSON.stringify([a, b])} both ways`)
    if (ecosystem !== 'Maven' && ab === -1 && bc === -1 && ac !== -1)
      broken(`${ecosystem}: ${JSON.stringify([a, b, c])} in a circle`)
  }
}

export const WORDS: Target[] = [
  text(
    'challenge',
    [
      'Bearer realm="https://a.example/t",service="s",scope="repository:a:pull"',
      'Basic realm=x, Negotiate abc==',
    ],
    parseChallenges,
    ['realm=', '"', '\\"', ', '],
  ),
  text('link', ['</v2/a/tags/list?n=1&last=b>; rel="next"', '<a>; x="y;z", <b>; rel=prev'], nextLink, [
    '; rel="next"',
    '<',
    '>',
  ]),
  text('retry-after', ['120', '1700000000', 'Wed, 21 Oct 2015 07:28:00 GMT'], (value) => {
    const wait = retryAfter(answer('retry-after', value))
    if (wait !== undefined && !(wait >= 0)) broken(`a wait of ${wait}`)
  }),
  text('content-range', ['bytes 0-5/10', 'bytes 7-9/*'], (value) => {
    const range = contentRange(answer('content-range', value))
    if (range && !(range.first <= range.last)) broken(JSON.stringify(range))
  }),
  text('range', ['bytes=0-5', 'bytes=-7', 'bytes=9-'], (value) => {
    const range = byteRangeOf(value, 1000)
    if (typeof range === 'object' && !(0 <= range.start && range.start < range.end && range.end <= 1000))
      broken(JSON.stringify(range))
  }),
  text(
    'route',
    ['/v2/a/b/manifests/latest', `/v2/a/blobs/sha256:${'a'.repeat(64)}`, '/v2/_catalog'],
    (value) => {
      try {
        const route = routeOf('GET', value)
        if ('repository' in route && /\.\.|[^a-z0-9._/-]/.test(route.repository)) broken(route.repository)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
      }
    },
    ['/manifests/', '/blobs/', '/tags/list', '/referrers/', '%2e%2e', '..'],
  ),
  text(
    'template',
    ['{{.Name}}\\t{{json .Rows}}', 'table {{upper .Name}} {{.Rows.A}}', '{{json .}}'],
    (value) =>
      formattedLines(
        value,
        [{ Name: 'a\u001b', Rows: { A: [1, { b: 2 }] } }],
        [
          { name: 'Name', title: 'NAME', value: (row: { Name: unknown }) => row.Name },
          { name: 'Rows', title: 'ROWS', value: (row: { Rows: unknown }) => row.Rows },
        ] as never,
        ['get'],
      ),
    ['{{', '}}', '{{.', 'json ', 'table '],
  ),
  text(
    'dockerfile-line',
    [
      'CMD ["nginx","-g"]',
      'ENV A=b C="D e"',
      'HEALTHCHECK --interval=5s CMD x',
      'EXPOSE 80/tcp 90',
      'LABEL "com.example"="c d"',
      'VOLUME ["/a"]',
    ],
    (value) => withChanges(undefined, [value]),
    [
      'ENV ',
      'CMD ',
      'LABEL ',
      'USER ',
      'HEALTHCHECK ',
      'EXPOSE ',
      'STOPSIGNAL ',
      'SHELL ',
      'WORKDIR ',
      'ENTRYPOINT ',
    ],
  ),
  text(
    'message',
    ['https://user:pw@host/x?sig=1#f', 'a b\nc', 'docker://x:y@z/'],
    (value) => {
      const shown = inMessage(value)
      if (shown.length > 17_000) broken(`a message of ${shown.length}`)
      if (/[\p{Cc}\p{Cf}]/u.test(harmless(value).replaceAll('\t', ''))) broken('it steers')
    },
    ['https://', '@', ':', '?', 'user:pw@'],
  ),
  text(
    'versions',
    [
      '1.0\n1.0.1\n2',
      '1:2.3-4~a\n1:2.3-4\n1:2.3-4+b',
      '1.0.0-rc.1\n1.0.0\n1.0.0+x',
      'v0.0.0-20200101\nv1\nv1.2',
      '1.0.dev1\n1.0a1\n1.0.post1',
    ],
    compared,
    ['~', '^', '+', '-', '.', 'rc', 'alpha', 'post', 'dev', ':', '\n', '_p1', '-r1'],
  ),
]
