import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

interface Described {
  mediaType: string
  digest: string
  size: number
}

interface Document {
  manifests?: Described[]
  config?: Described
  layers?: Described[]
}

/**
 * What is wrong with the layouts below a folder: each name must lead to blobs that are whole.
 * @param isLeftOut of a blob's path: whether a delta is without it
 */
export function brokenLayouts(root: string, isLeftOut: (file: string) => boolean): string[] {
  return layoutsBelow(root).flatMap((layout) => {
    const problems: string[] = []
    const seen = new Set<string>()
    try {
      for (const entry of documentIn(path.join(layout, 'index.json')).manifests ?? []) follow(entry)
    } catch (error) {
      problems.push(`${path.relative(root, layout)}/index.json: ${(error as Error).message}`)
    }
    return problems

    function follow(one: Described): void {
      if (seen.has(one.digest)) return
      seen.add(one.digest)
      const file = path.join(layout, 'blobs', ...one.digest.split(':'))
      if (!existsSync(file)) {
        const named = path.relative(root, file)
        if (!isLeftOut(named)) problems.push(`${named} is named and not there`)
        return
      }
      const bytes = readFileSync(file)
      if (bytes.length !== one.size || digestOf(bytes) !== one.digest)
        problems.push(`${path.relative(root, file)} is not what it is named`)
      else if (/manifest|index/.test(one.mediaType)) {
        const { manifests = [], config, layers = [] } = documentIn(file)
        for (const next of [...manifests, ...(config ? [config] : []), ...layers]) follow(next)
      }
    }
  })
}

/** Every file among the blobs of a layout has the digest that it is named by: blobs get their names when they are whole. */
export function wrongBlobs(root: string): string[] {
  return layoutsBelow(root).flatMap((layout) => {
    const folder = path.join(layout, 'blobs', 'sha256')
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^[0-9a-f]{64}$/.test(name)) : []
    return names
      .filter((name) => digestOf(readFileSync(path.join(folder, name))) !== `sha256:${name}`)
      .map((name) => `${path.relative(root, folder)}/${name} has other bytes than its name says`)
  })
}

/** Every file that a list of sums names has the sum that the list gives. */
export function wrongSums(root: string): string[] {
  return namesBelow(root, 'SHA256SUMS').flatMap((list) => {
    const folder = path.dirname(list)
    const lines = readFileSync(list, 'utf8').trimEnd().split('\n')
    return lines
      .map((line) => [line.slice(0, 64), path.join(folder, line.slice(66))] as const)
      .filter(([sum, file]) => !existsSync(file) || digestOf(readFileSync(file)) !== `sha256:${sum}`)
      .map(([, file]) => `${path.relative(root, file)} is not the file that SHA256SUMS lists`)
  })
}

/** What lies among what is on its way is not a layout yet. */
function layoutsBelow(root: string): string[] {
  return namesBelow(root, 'index.json')
    .map((file) => path.dirname(file))
    .filter((folder) => !/(^|\/)(ingest|[^/]*\.part)(\/|$)/.test(folder))
}

function namesBelow(root: string, name: string): string[] {
  const all = readdirSync(root, { recursive: true, encoding: 'utf8' })
  return all.filter((one) => path.basename(one) === name).map((one) => path.join(root, one))
}

function documentIn(file: string): Document {
  return JSON.parse(readFileSync(file, 'utf8')) as Document
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
