import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { ContainerImageError, type Descriptor } from '../../../../manifests/index.js'
import { get, install } from '../../../../provider/index.js'
import { type MadeImage, makeLayout } from '../../../fixtures/layout.js'
import { attachByTag, type SignedLayer } from '../../../fixtures/signing/attach.js'

/** An image in a layout of its own, for a policy to judge. */
export interface ImageHere {
  folder: string
  layout: string
  store: string
  image: Descriptor
}

export function imageIn(folder: string, made: Partial<MadeImage> = {}): ImageHere {
  const layout = path.join(folder, 'layout')
  const image = { refName: 'demo:1.0', layers: [{ files: { 'etc/a': 'a' } }], ...made }
  const [root] = makeLayout(layout, [image])
  if (!root) throw new Error('the fixture made no image')
  return { folder, layout, store: path.join(folder, 'store'), image: root }
}

/** With signatures under cosign's tag. */
export function signedImageIn(folder: string, layersOf: (image: Descriptor) => SignedLayer[]): ImageHere {
  const here = imageIn(folder)
  attachByTag(here.layout, here.image, layersOf(here.image))
  return here
}

/** Writes a file into the folder; returns its path. */
export function fileIn(
  { folder }: Pick<ImageHere, 'folder'>,
  name: string,
  content: string | object,
): string {
  const file = path.join(folder, name)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

/** A policy that wants a signature of demo by one key. */
export function keyPolicy(here: Pick<ImageHere, 'folder'>, pem: string, more: object = {}): string {
  fileIn(here, 'key.pub', pem)
  return fileIn(here, 'policy.json', {
    default: 'reject',
    images: [{ name: 'demo', signedBy: { key: 'key.pub' }, ...more }],
  })
}

/** Installs the image under a policy; what it is refused with, or undefined. */
export async function refusalOf({ layout, store }: ImageHere, policy: string) {
  const error = await install({ targets: [layout], store, policy }).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error !== undefined && !(error instanceof ContainerImageError)) throw error
  const installed = await get({ store })
  if (error !== undefined && installed.length > 0) throw new Error('it is refused, and installed')
  return error
}
