import type { DeltaList, HistoryStep, MediaFile, MediaImage } from '../../../../manifests/index.js'
import { MEDIA_FILE, SIGNATURE_ENDING, SUMS_FILE, savedBytes } from '../../../../manifests/index.js'
import { sizeInWords } from '../../../io/files/sizes.js'
import { Html, html } from './escape.js'
import { FILTER_POLICY, type PageSbom, packagesSection } from './packages.js'
import { STYLE } from './style.js'

/** Also recognises the page, if it is the only list of a media that is left. */
export const TITLE = 'Images on this media'

/** One image with everything else that the page says about it. */
export interface PageImage extends MediaImage {
  layers: { digest: string; size: number; mediaType: string }[]
  history: HistoryStep[]
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
  return { [Symbol.iterator]: () => inPieces(partsOf(content)) }
}

const PIECE_LENGTH = 64 * 1024

function* inPieces(parts: Iterable<Html>): Generator<Buffer> {
  let texts: string[] = []
  let length = 0
  for (const { text } of parts) {
    texts.push(text)
    length += text.length
    if (length < PIECE_LENGTH) continue
    yield Buffer.from(texts.join(''), 'utf8')
    texts = []
    length = 0
  }
  yield Buffer.from(texts.join(''), 'utf8')
}

function* partsOf(content: PageContent): Generator<Html> {
  const { images, files } = content
  const bytes = files.reduce((sum, file) => sum + file.size, 0)
  yield html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; ${policyOfScript(content)}style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${TITLE}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
<h1>${TITLE}</h1>
<p class="soft">${countedThings(images)}, ${counted(files.length, 'file')}, ${sizeInWords(bytes)} (${bytes} bytes). ${lastSaved(images)}</p>
<table>
<thead><tr><th>Name</th><th>Version</th><th>Platform</th><th class="n">Size</th><th>Source</th></tr></thead>
<tbody>
`
  for (const image of images) yield overviewRow(image)
  yield html`</tbody>
</table>
${content.delta ? deltaSection(content.delta) : ''}
<h2>Check and install</h2>
${commands(content)}
<h2>What is in each image</h2>
`
  for (const image of images) yield article(image)
  yield html`
${packagesSection(content.sboms ?? [])}<h2>Files</h2>
<p>Each with its size in bytes and its SHA-256. The same is in <code>${MEDIA_FILE}</code> and <code>${SUMS_FILE}</code>, which also have this page's.</p>
<table>
<thead><tr><th>File</th><th class="n">Bytes</th><th>SHA-256</th></tr></thead>
<tbody>
`
  for (const file of files) yield fileRow(file)
  yield html`</tbody>
</table>
</main>
</body>
</html>
`
}

function policyOfScript({ sboms = [] }: PageContent): Html {
  return new Html(sboms.length === 0 ? '' : `script-src ${FILTER_POLICY}; `)
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
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

function overviewRow({ name, version, platform, kind, size, source }: PageImage): Html {
  return html`<tr><td data-head="Name">${name}</td><td data-head="Version">${version}</td><td data-head="Platform">${kind ?? platform}</td><td class="n" data-head="Size">${sizeInWords(size)}</td><td data-head="Source">${source}</td></tr>
`
}

function deltaSection(delta: DeltaList): Html {
  const { bases, missing } = delta
  return html`<h2>A delta</h2>
<p>This media is for hosts that have ${counted(missing.length, 'blob')} of its images already, ${sizeInWords(savedBytes(delta))}; these are not on it. Where one is missing, install says so and changes nothing. What such a host has is known from:</p>
<table>
<thead><tr><th>File</th><th>Kind</th><th>Made</th><th>Id</th></tr></thead>
<tbody>
${bases.map(
  ({
    name,
    kind,
    created,
    id,
  }) => html`<tr><td data-head="File">${name}</td><td data-head="Kind">${kind}</td><td data-head="Made">${created ?? ''}</td><td class="code" data-head="Id">${id}</td></tr>
`,
)}</tbody>
</table>
<table>
<thead><tr><th>Not on the media</th><th class="n">Bytes</th><th>Needed by</th><th>Part of</th></tr></thead>
<tbody>
${missing.map(
  ({
    digest,
    size,
    neededBy,
    inBase,
  }) => html`<tr><td class="code" data-head="Blob">${digest}</td><td class="n" data-head="Bytes">${size}</td><td data-head="Needed by">${neededBy.join(', ')}</td><td data-head="Part of">${inBase.join(', ')}</td></tr>
`,
)}</tbody>
</table>`
}

function commands({ command, images }: PageContent): Html {
  const [first] = images
  const one = first
    ? html`<p>One of them:</p>
<pre>${command} install ${first.name} --required-version ${first.version} --source .</pre>`
    : undefined
  return html`<p>In the folder of this page: read every byte and compare it with the list; then install all images.</p>
<pre>${command} verify .
${command} install .</pre>
${one}
<p>Without this program, the sums alone:</p>
<pre>sha256sum -c ${SUMS_FILE}</pre>
<p>Where <code>${SUMS_FILE}${SIGNATURE_ENDING}</code> lies beside it, with the signer's public key:</p>
<pre>minisign -V -p KEY.pub -m ${SUMS_FILE}</pre>`
}

function article(image: PageImage): Html {
  return html`<article>
<h3>${image.name} ${image.version}</h3>
<dl>
${image.kind === undefined ? html`<dt>Platform</dt><dd>${image.platform}</dd>` : html`<dt>Kind</dt><dd>${image.kind}, no image: ${image.artifactType ?? ''}</dd>`}
<dt>Full name</dt><dd class="code">${image.fullName}</dd>
<dt>Digest</dt><dd class="code">${image.digest}</dd>
<dt>Size</dt><dd>${sizeInWords(image.size)} (${image.size} bytes)</dd>
<dt>Source</dt><dd>${image.source}</dd>
<dt>Saved</dt><dd>${image.saved} by containerimage ${image.savedBy}</dd>
${
  image.signedBy === undefined
    ? ''
    : html`<dt>Signed by</dt><dd>${image.signedBy}. The policy of the save accepted that; the host judges again, by its own.</dd>
`
}<dt>Name in the layout</dt><dd class="code">${image.tag}</dd>
</dl>
<details open><summary>${counted(image.layers.length, 'layer')}</summary>
${layerTable(image)}</details>
<details open><summary>${counted(image.history.length, 'step')} of history, newest first</summary>
${historyTable(image.history)}</details>
</article>
`
}

function layerTable({ layers }: PageImage): Html {
  return html`<table>
<thead><tr><th>Layer</th><th>Type</th><th class="n">Bytes</th></tr></thead>
<tbody>
${layers.map(
  ({
    digest,
    mediaType,
    size,
  }) => html`<tr><td class="code">${digest}</td><td data-head="Type">${mediaType}</td><td class="n" data-head="Bytes">${size}</td></tr>
`,
)}</tbody>
</table>
`
}

function historyTable(steps: HistoryStep[]): Html {
  return html`<table>
<thead><tr><th>Created</th><th>By</th><th class="n">Bytes</th></tr></thead>
<tbody>
${steps.map(
  ({
    created,
    createdBy,
    comment,
    size,
  }) => html`<tr><td>${created}</td><td class="code">${[createdBy, comment].filter((text) => text !== '').join(' # ')}</td><td class="n" data-head="Bytes">${size}</td></tr>
`,
)}</tbody>
</table>
`
}

function fileRow({ path, size, sha256 }: MediaFile): Html {
  return html`<tr><td class="code">${path}</td><td class="n" data-head="Bytes">${size}</td><td class="code" data-head="SHA-256">${sha256}</td></tr>
`
}
