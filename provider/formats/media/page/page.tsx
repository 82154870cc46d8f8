/** @jsxRuntime classic */
/** @jsx element */
/** @jsxFrag Pieces */
import {
  type DeltaList,
  type HistoryStep,
  MEDIA_FILE,
  type MediaFile,
  type MediaImage,
  SIGNATURE_ENDING,
  SUMS_FILE,
} from '../../../../manifests/index.js'
import { size } from '../../../shown/amounts.js'
import { CommandLine } from '../../../shown/command.js'
import { ConfigFacts } from '../../../shown/config.js'
import { type Child, element, Pieces } from '../../../shown/element.js'
import { Facts } from '../../../shown/facts.js'
import { imageColumns } from '../../../shown/images.js'
import { LayersTable } from '../../../shown/layers.js'
import { piecesOf } from '../../../shown/markup.js'
import { Table } from '../../../shown/table.js'
import { counted } from './counted.js'
import { Delta } from './delta.js'
import { Files } from './files.js'
import { FILTER_POLICY, Packages, type PageSbom } from './packages.js'
import { STYLE } from './style.js'
import { TITLE } from './title.js'

/** One image with everything else that the page says about it. */
export interface PageImage extends MediaImage {
  layers: { digest: string; size: number; mediaType: string }[]
  history: HistoryStep[]
  /** Its config, if it has one. */
  config?: unknown
}

export interface PageContent {
  images: PageImage[]
  /** Every file of the media but the page and the lists. */
  files: MediaFile[]
  /** How the program is started from the media: `containerimage`, or `node containerimage.mjs`. */
  command: string
  /** What is not on the media because the other side has it. */
  delta?: DeltaList
  /** What SBOMs on the media list; default: there are none. */
  sboms?: PageSbom[]
}

/**
 * The page that a reviewer reads before a media may cross: what is on it, where it came from, how it is
 * checked and installed. It needs no network, no server and no script, and asks for nothing: its policy
 * forbids every request, and every script but the one that filters packages. It is made in pieces, again each
 * time they are requested: with thousands of images it is larger than everything else that a save keeps in
 * memory.
 */
export function page(content: PageContent): Iterable<Buffer> {
  return { [Symbol.iterator]: () => inBytes(content) }
}

function* inBytes(content: PageContent): Generator<Buffer> {
  yield Buffer.from('<!doctype html>\n', 'utf8')
  for (const text of piecesOf(<Page content={content} />)) yield Buffer.from(text, 'utf8')
  yield Buffer.from('\n', 'utf8')
}

function Page({ content }: { content: PageContent }) {
  const { images, files, delta, sboms = [] } = content
  return (
    <html lang="en">
      <Head sboms={sboms} />
      <body>
        <main>
          <h1>{TITLE}</h1>
          <Summary images={images} files={files} />
          <Table
            label="Images"
            columns={[
              ...imageColumns<PageImage>(),
              { key: 'source', label: 'Source', cell: ({ source }) => source },
            ]}
            rows={images}
          />
          {delta && <Delta delta={delta} />}
          <h2>Check and install</h2>
          <Commands content={content} />
          <h2>What is in each image</h2>
          {images.map((image) => (
            <Image key={image.tag} image={image} />
          ))}
          {sboms.length > 0 && <Packages sboms={sboms} />}
          <h2>Files</h2>
          <p>
            Each with its size in bytes and its SHA-256. The same is in <code>{MEDIA_FILE}</code> and{' '}
            <code>{SUMS_FILE}</code>, which also have this page's.
          </p>
          <Files files={files} />
        </main>
      </body>
    </html>
  )
}

function Head({ sboms }: { sboms: PageSbom[] }) {
  const script = sboms.length === 0 ? '' : `script-src ${FILTER_POLICY}; `
  return (
    <head>
      <meta charset="utf-8" />
      <meta
        http-equiv="Content-Security-Policy"
        content={`default-src 'none'; ${script}style-src 'unsafe-inline'; img-src data:`}
      />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="referrer" content="no-referrer" />
      <link rel="icon" href="data:," />
      <title>{TITLE}</title>
      <style>{STYLE}</style>
    </head>
  )
}

function Summary({ images, files }: { images: PageImage[]; files: MediaFile[] }) {
  const bytes = files.reduce((sum, file) => sum + file.size, 0)
  return (
    <p class="faint">
      {countedThings(images)}, {counted(files.length, 'file')}, {size(bytes)} ({bytes} bytes).{' '}
      {lastSaved(images)}
    </p>
  )
}

/** Artifacts are not images, but they are there, too. */
function countedThings(images: PageImage[]): string {
  const artifacts = images.filter(({ kind }) => kind !== undefined).length
  const own = counted(images.length - artifacts, 'image')
  return artifacts === 0 ? own : `${own}, ${counted(artifacts, 'artifact')}`
}

function lastSaved(images: PageImage[]): string {
  const last = images
    .map((image) => image.saved)
    .sort()
    .at(-1)
  return last ? `Last saved ${last}.` : ''
}

function Commands({ content: { command, images } }: { content: PageContent }) {
  const [first] = images
  return (
    <>
      <p>
        In the folder of this page: read every byte and compare it with the list; then install all images.
      </p>
      <CommandLine line={`${command} verify .`} />
      <CommandLine line={`${command} install .`} />
      {first && (
        <>
          <p>One of them:</p>
          <CommandLine
            line={`${command} install ${first.name} --required-version ${first.version} --source .`}
          />
        </>
      )}
      <p>Without this program, the sums alone:</p>
      <CommandLine line={`sha256sum -c ${SUMS_FILE}`} />
      <p>
        Where <code>{`${SUMS_FILE}${SIGNATURE_ENDING}`}</code> lies beside it, with the signer's public key:
      </p>
      <CommandLine line={`minisign -V -p KEY.pub -m ${SUMS_FILE}`} />
    </>
  )
}

function Image({ image }: { image: PageImage }) {
  const { name, version, layers, history, config } = image
  return (
    <article>
      <h3>{`${name} ${version}`}</h3>
      <Facts facts={factsOfImage(image)} />
      {config !== undefined && (
        <details open>
          <summary>What a container is started with</summary>
          <ConfigFacts config={config} />
        </details>
      )}
      <details open>
        <summary>
          {counted(layers.length, 'layer')}, {counted(history.length, 'step')} of history, newest first
        </summary>
        <LayersTable steps={history} layers={layers} isInFull />
      </details>
    </article>
  )
}

function factsOfImage(image: PageImage): [string, Child][] {
  const { kind, artifactType = '', platform, signedBy } = image
  return [
    kind === undefined ? ['Platform', platform] : ['Kind', `${kind}, no image: ${artifactType}`],
    ['Full name', <code>{image.fullName}</code>],
    ['Digest', <code>{image.digest}</code>],
    ['Size', `${size(image.size)} (${image.size} bytes)`],
    ['Source', image.source],
    ['Saved', `${image.saved} by containerimage ${image.savedBy}`],
    [
      'Signed by',
      signedBy && `${signedBy}. The policy of the save accepted that; the host judges again, by its own.`,
    ],
    ['Name in the layout', <code>{image.tag}</code>],
  ]
}
