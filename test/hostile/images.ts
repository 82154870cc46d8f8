import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { ANNOTATIONS, type ImageConfig, MEDIA_TYPES } from '../../manifests/index.js'
import { type MadeImage, makeLayout, tarOf } from '../fixtures/layout.js'
import { SAMPLES } from '../provider/inside/packages/samples.js'
import { configFor, documents, named } from '../security/documents.js'
import { file, folder, hardLink, layerOf, symlink } from '../security/hostile-layers.js'
import { END, type HostileMember, longName, member, pax } from '../security/tar-builder.js'
import type { HostileInput } from './input.js'
import { HOSTILE_TEXTS } from './texts.js'

const at = (place: string): string => path.join(place, 'layout')

function layout(place: string, image: MadeImage): string {
  makeLayout(at(place), [image])
  return at(place)
}

/** An image with a text wherever one may be. */
function withText(text: string): MadeImage {
  const config: Partial<ImageConfig> & Record<string, unknown> = {
    author: text,
    created: text,
    'os.version': text,
    config: {
      Labels: { [text]: text, 'org.opencontainers.image.title': text },
      Env: [`PATH=${text}`, text],
      Cmd: [text],
      Entrypoint: [text],
      User: text,
      WorkingDir: `/${text}`,
      ExposedPorts: { [text]: {} },
      Volumes: { [text]: {} },
    },
    history: [{ created: text, created_by: text, author: text, comment: text }],
  }
  return {
    refName: 'evil:1.0',
    annotations: { [ANNOTATIONS.publisher]: text, [text]: text },
    manifestAnnotations: { 'org.opencontainers.image.description': text, [text]: text },
    layers: [
      {
        files: {
          'etc/os-release': `ID=debian\nVERSION_ID=12\nPRETTY_NAME="${text}"\n`,
          'var/lib/dpkg/status': `Package: ${text}\nStatus: install ok installed\nVersion: ${text}\nArchitecture: all\n\n`,
          'app/package.json': JSON.stringify({ name: text, version: text, license: text }),
        },
      },
    ],
    config: config as Partial<ImageConfig>,
  }
}

const texts: HostileInput[] = Object.entries(HOSTILE_TEXTS).flatMap(([what, text]) => [
  {
    what: `an image with ${what} in its labels, history, settings and packages`,
    takenAs: 'image',
    make: (place) => layout(place, withText(text)),
  },
  {
    what: `an image whose name is ${what}`,
    takenAs: 'image',
    make: (place) =>
      layout(place, {
        refName: text,
        annotations: { [ANNOTATIONS.name]: text },
        layers: [{ files: { a: 'a' } }],
      }),
  },
  {
    what: `an image whose files are named with ${what}`,
    takenAs: 'image',
    make: (place) =>
      layout(place, {
        refName: 'evil:1.0',
        layers: [
          { files: {}, tar: layerOf(longNamed(`etc/${text}`), longNamed(`${text}/x`)), compression: 'none' },
        ],
      }),
  },
])

/** A file whose name is longer than a header holds. */
function longNamed(name: string): Buffer {
  return Buffer.concat([longName(name), member({ name: 'short', bytes: Buffer.from('x') })])
}

const LAYERS: Record<string, (HostileMember | Buffer)[]> = {
  'a name that leads out': [file('../../outside', 'x')],
  'an absolute name': [file('/etc/outside', 'x')],
  'a link in place of a folder, and a file behind it': [symlink('etc', '/'), file('etc/outside', 'x')],
  'a link to the folder above, and a file behind it': [symlink('a', '..'), file('a/outside', 'x')],
  'links in a circle': [symlink('a', 'b'), symlink('b', 'a'), file('a/x', 'x')],
  'a hard link that leads out': [hardLink('a', '../../../../etc/passwd')],
  'a hard link to nothing': [hardLink('a', 'b')],
  'a hard link to itself': [hardLink('a', 'a')],
  'a file that is a folder later': [file('a', 'x'), file('a/b', 'x')],
  'whiteouts of everything above': [file('.wh..', ''), file('.wh...', '')],
  'a whiteout of nothing': [file('.wh.', '')],
  'an opaque whiteout in a link': [symlink('a', '/'), file('a/.wh..wh..opq', '')],
  'devices and pipes': [
    { name: 'null', type: '3' },
    { name: 'disk', type: '4' },
    { name: 'pipe', type: '6' },
  ],
  'setuid for everyone': [{ name: 'su', bytes: Buffer.from('x'), mode: 0o6777 }],
  'a passwd that is a link': [folder('etc/'), symlink('etc/passwd', '/etc/shadow')],
  'an os-release that is a device': [folder('etc/'), { name: 'etc/os-release', type: '3' }],
  'a thousand folders deep': [
    file(`${'d/'.repeat(40)}x`, 'x'),
    longName('d/'.repeat(1000)),
    { name: 'x', bytes: Buffer.from('x') },
  ],
  'a pax header of names and attributes': [
    pax({
      path: 'etc/x',
      'SCHILY.xattr.security.capability': 'x',
      'SCHILY.xattr.trusted.overlay.opaque': 'y',
    }),
    file('x', 'x'),
  ],
  'a time that no calendar has': [
    {
      name: 'x',
      bytes: Buffer.from('x'),
      mtime: Buffer.from('\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff', 'latin1'),
    },
  ],
  'names that differ in case': [file('A', 'x'), file('a', 'y')],
  'names of Windows': [file('CON', 'x'), file('a:b', 'x'), file('a. ', 'x'), file('a\\b', 'x')],
  'a name that is not UTF-8': [{ name: Buffer.from([0x65, 0xff, 0xfe, 0x80]), bytes: Buffer.from('x') }],
  'an unknown type': [{ name: 'x', type: 'Z' }],
  'a sparse file': [{ name: 'x', type: 'S', bytes: Buffer.from('x') }],
  'a size beyond its end': [{ name: 'x', size: 1 << 30, bytes: Buffer.from('x') }],
  'a negative size': [{ name: 'x', size: Buffer.alloc(12, 0xff) }],
  'a million bytes of names': [longName('n'.repeat(900_000)), file('x', 'x')],
}

const layers: HostileInput[] = Object.entries(LAYERS).flatMap(([what, members]) =>
  (['none', 'gzip'] as const).map((compression) => ({
    what: `an image whose ${compression === 'gzip' ? 'compressed ' : ''}layer has ${what}`,
    takenAs: 'image' as const,
    make: (place: string) =>
      layout(place, {
        refName: 'evil:1.0',
        layers: [
          { files: { 'etc/passwd': 'root:x:0:0::/:/bin/sh\n' } },
          { files: {}, tar: layerOf(...members), compression },
        ],
      }),
  })),
)

/** Files of packages, cut and scribbled over: what is found counts, what is not is told. */
const packages: HostileInput[] = SAMPLES.flatMap(({ path: name, bytes }) => [
  { what: `an image with ${name}, cut short`, bytes: bytes.subarray(0, bytes.length >> 1) },
  { what: `an image with ${name}, full of large numbers`, bytes: scribbled(bytes) },
]).map(({ what, bytes }) => ({
  what,
  takenAs: 'image',
  make: (place) =>
    layout(place, {
      refName: 'evil:1.0',
      layers: [
        {
          files: {
            [what.replace(/^an image with |, .*$/g, '')]: bytes,
            'etc/os-release': 'ID=fedora\nVERSION_ID=40\n',
          },
        },
      ],
    }),
}))

function scribbled(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes)
  for (let at = 24; at + 4 < changed.length; at += 97) changed.writeUInt32BE(0xffffffff, at)
  return changed
}

const DOCUMENTS: Record<string, (place: string) => void> = {
  'an index that is a manifest as well': (place) => {
    const made = documents(place)
    made.index({ schemaVersion: 2, manifests: [], config: {}, layers: [] })
  },
  'an index of brackets': (place) => documents(place).index(Buffer.from('['.repeat(1_000_000))),
  'an index of numbers': (place) => documents(place).index(Buffer.from('12345')),
  'an empty index': (place) => documents(place).index(Buffer.alloc(0)),
  'an index that is not UTF-8': (place) => documents(place).index(Buffer.from([0x7b, 0xff, 0x7d])),
  'an index with digests that lead out': (place) =>
    documents(place).entry({
      mediaType: MEDIA_TYPES.ociManifest,
      digest: 'sha256:../../../../etc/passwd',
      size: 1,
    }),
  'an index of blobs that are not there': (place) =>
    documents(place).entry({
      mediaType: MEDIA_TYPES.ociManifest,
      digest: `sha256:${'0'.repeat(64)}`,
      size: 1,
    }),
  'an index of sizes that are none': (place) =>
    documents(place).entry({
      mediaType: MEDIA_TYPES.ociManifest,
      digest: `sha256:${'0'.repeat(64)}`,
      size: -1,
    }),
  'a manifest that is its own config and layer': (place) => {
    const made = documents(place)
    const self = made.put(MEDIA_TYPES.ociManifest, '{"schemaVersion":2}')
    made.entry(
      made.put(MEDIA_TYPES.ociManifest, {
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.ociManifest,
        config: self,
        layers: [self],
      }),
    )
  },
  'a manifest of another kind': (place) => {
    const made = documents(place)
    made.entry({
      ...made.put(MEDIA_TYPES.ociManifest, made.parts().manifest),
      mediaType: MEDIA_TYPES.ociIndex,
    })
  },
  'a manifest with a hundred layers that are one': (place) => {
    const made = documents(place)
    const { manifest, layer } = made.parts()
    const config = made.put(MEDIA_TYPES.ociConfig, configFor(Array.from({ length: 100 }, () => layer.digest)))
    made.entry(
      made.put(MEDIA_TYPES.ociManifest, {
        ...manifest,
        config,
        layers: Array.from({ length: 100 }, () => layer),
      }),
    )
  },
  'a config of arrays': (place) => {
    const made = documents(place)
    made.entry(
      made.put(MEDIA_TYPES.ociManifest, {
        ...made.parts().manifest,
        config: made.put(MEDIA_TYPES.ociConfig, '[[[]]]'),
      }),
    )
  },
  'a config whose members are all of another type': (place) => {
    const made = documents(place)
    const { manifest, layer } = made.parts()
    const config = {
      os: 'linux',
      architecture: 'amd64',
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
      created: 5,
      history: [1, null, 'x'],
      config: { Env: 'x', Cmd: 5, Labels: [1], User: [], ExposedPorts: 'x' },
    }
    made.entry(
      made.put(MEDIA_TYPES.ociManifest, { ...manifest, config: made.put(MEDIA_TYPES.ociConfig, config) }),
    )
  },
  'names for images that are the same': (place) => {
    const made = documents(place)
    const root = made.put(MEDIA_TYPES.ociManifest, made.parts().manifest)
    made.index({
      schemaVersion: 2,
      manifests: ['a:1', 'A:1', 'a:latest', 'a:1'].map((name) => named(root, name)),
    })
  },
  'an index within itself': (place) => {
    const made = documents(place)
    let root = made.put(MEDIA_TYPES.ociIndex, {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociIndex,
      manifests: [],
    })
    for (let i = 0; i < 6; i++)
      root = made.put(MEDIA_TYPES.ociIndex, {
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.ociIndex,
        manifests: [root, root],
      })
    made.entry(root)
  },
  'layers of other types': (place) => {
    const made = documents(place)
    const { manifest, layer } = made.parts()
    for (const mediaType of [
      'text/html',
      'application/vnd.oci.image.layer.v1.tar+xz',
      MEDIA_TYPES.ociManifest,
    ])
      made.entry(made.put(MEDIA_TYPES.ociManifest, { ...manifest, layers: [{ ...layer, mediaType }] }))
  },
  'a layer that must be fetched': (place) => {
    const made = documents(place)
    const { manifest, layer } = made.parts()
    const foreign = {
      ...layer,
      digest: `sha256:${'1'.repeat(64)}`,
      mediaType: MEDIA_TYPES.dockerForeignLayer,
      urls: ['http://127.0.0.1:9/x', 'file:///etc/passwd'],
    }
    made.entry(made.put(MEDIA_TYPES.ociManifest, { ...manifest, layers: [foreign] }))
  },
  'a layer that is no tar': (place) => {
    const made = documents(place)
    const bytes = Buffer.from('no tar at all'.repeat(100))
    const layer = made.put(MEDIA_TYPES.ociLayer, bytes)
    const config = made.put(MEDIA_TYPES.ociConfig, configFor([layer.digest]))
    made.entry(made.put(MEDIA_TYPES.ociManifest, { ...made.parts().manifest, config, layers: [layer] }))
  },
  'a layer of other bytes': (place) => {
    const made = documents(place)
    const { manifest, layer } = made.parts()
    writeFileSync(path.join(place, 'blobs', 'sha256', layer.digest.slice(7)), Buffer.alloc(layer.size, 1))
    made.entry(made.put(MEDIA_TYPES.ociManifest, manifest))
  },
}

const broken: HostileInput[] = Object.entries(DOCUMENTS).map(([what, make]) => ({
  what: `a layout with ${what}`,
  takenAs: 'image',
  make(place) {
    make(at(place))
    return at(place)
  },
}))

const ROOTS: Record<string, Buffer> = {
  'nothing but its end': END,
  'a root that leads out': layerOf(file('../x', 'x')),
  'a root with an os-release of steering texts': tarOf({
    'etc/os-release': `ID="a\u001b[2J"\nVERSION_ID="../1"\nPRETTY_NAME="\u202e"\n`,
    'bin/sh': 'x',
  }),
  'a root with an os-release of a megabyte': tarOf({
    'etc/os-release': `ID=${'x'.repeat(1_000_000)}\n`,
    'bin/sh': 'x',
  }),
  'a root with links for its os-release': layerOf(
    folder('etc/'),
    folder('bin/'),
    symlink('etc/os-release', '/etc/os-release'),
    file('bin/sh', 'x'),
  ),
}

const roots: HostileInput[] = Object.entries(ROOTS).map(([what, tar]) => ({
  what: `a tar of ${what}`,
  takenAs: 'rootfs',
  make(place) {
    writeFileSync(path.join(place, 'root.tar'), tar)
    return path.join(place, 'root.tar')
  },
}))

export const IMAGES: HostileInput[] = [...texts, ...layers, ...packages, ...broken, ...roots]
