import path from 'node:path'
import { ContainerImageError } from '../../../../manifests/index.js'
import type { InsideFile } from '../../../../provider/index.js'
import type { FileRow, FilesAnswer } from '../../protocol/actions.js'
import type { Action } from './action.js'

/** More rows than anybody reads; a search finds the others. */
const MOST_ROWS = 5000

/** What is inside an image. */
export const INSIDE: { [Name in 'files' | 'packages' | 'vulnerabilities' | 'diff']: Action<Name> } = {
  packages: {
    async run(fields, { common, pathOf }) {
      const library = await import('../../../../provider/index.js')
      const { distribution, packages, notes, carried } = await library.packages({
        ...common,
        name: pathOf(fields.required('name')),
        platform: fields.text('platform'),
      })
      return { distribution, packages, notes, carried }
    },
  },
  vulnerabilities: {
    async run(fields, { common, pathOf }) {
      const library = await import('../../../../provider/index.js')
      const { database, endOfLife, counts, vulnerabilities } = await library.vulnerabilities({
        ...common,
        name: pathOf(fields.required('name')),
        platform: fields.text('platform'),
      })
      return { database, endOfLife, counts, vulnerabilities }
    },
  },
  diff: {
    async run(fields, { common, pathOf }) {
      const library = await import('../../../../provider/index.js')
      const { packages = [], files = [] } = await library.diff({
        ...common,
        first: pathOf(fields.required('first')),
        second: pathOf(fields.required('second')),
        only: ['packages', 'files'],
      })
      const changed = files.map(({ path: name, change, first, second }) => {
        return { path: name, change, firstSize: first?.size, secondSize: second?.size }
      })
      return { packages, files: changed.slice(0, MOST_ROWS), filesTotal: files.length }
    },
  },
  files: {
    async run(fields, { common, pathOf }) {
      const library = await import('../../../../provider/index.js')
      const text = fields.text('text')
      const folder = path.posix.resolve('/', fields.text('folder') ?? '/')
      const rows = text === undefined ? new Children(folder) : new Found()
      await library
        .files({
          ...common,
          name: pathOf(fields.required('name')),
          platform: fields.text('platform'),
          pattern: text === undefined ? (folder === '/' ? undefined : folder) : `*${text}*`,
          onFiles: (files) => {
            for (const file of files) rows.take(file)
          },
        })
        .catch((error: unknown) => {
          // A search that finds nothing is not a failure.
          if (text === undefined || !isNotFound(error)) throw error
        })
      return rows.answer()
    },
  },
}

/** What is in one folder; for the folders in it, also what is below them. */
class Children {
  private readonly rows = new Map<string, FileRow>()

  constructor(private readonly folder: string) {}

  take(file: InsideFile): void {
    const below = path.posix.relative(this.folder, file.path)
    // A link to a folder was followed to its target, and a file does not lie below itself.
    const [name = ''] = below.split('/')
    if (name === '' || name === '..') return
    if (name === below) this.rows.set(name, { ...rowOf(file), below: 0, belowSize: 0 })
    const row = this.rows.get(name)
    if (!row || name === below) return
    row.below = (row.below ?? 0) + 1
    row.belowSize = (row.belowSize ?? 0) + file.size
  }

  answer(): FilesAnswer {
    return { files: [...this.rows.values()].slice(0, MOST_ROWS), total: this.rows.size }
  }
}

/** Whatever a search finds, wherever it is. */
class Found {
  private readonly files: FileRow[] = []
  private total = 0

  take(file: InsideFile): void {
    this.total++
    if (this.files.length < MOST_ROWS) this.files.push(rowOf(file))
  }

  answer(): FilesAnswer {
    return { files: this.files, total: this.total }
  }
}

function rowOf({ path: name, kind, size, mode, uid, gid, modified, layer, target }: InsideFile): FileRow {
  return { path: name, kind, size, mode, uid, gid, modified, layer, target }
}

function isNotFound(error: unknown): boolean {
  return error instanceof ContainerImageError && error.code === 'PATH_NOT_FOUND'
}
