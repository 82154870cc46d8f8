import { impossible } from '../../manifests/index.js'
import type { CarriedNode } from './carried-node.js'

/** The folder of the PowerShell module, beside the one file. */
export const MODULE_FOLDER = 'ContainerImage'

/** Which archives of Node are beside the one file, for the module. */
export const CARRIED_NODE_LIST = 'carried-node.json'

const BEGIN = '\n/* PowerShell module\n'
const END = '*/\n'

/** The head of one file in the comment: its path in the folder of the module, and its length in characters. */
const FILE = /=== (\S+) (\d+)\n/y

/**
 * The module as a comment of the one file, which thereby carries it along as plain text.
 * @param files texts by their paths in the folder of the module
 */
export function moduleComment(files: Record<string, string>): string {
  const parts = Object.entries(files).map(([path, text]) => {
    if (text.includes('*/')) impossible(`the end of a comment in ${path}`)
    return `=== ${path} ${text.length}\n${text}\n`
  })
  return `${BEGIN}${parts.join('')}${END}`
}

/** The module inside the text of a one file; undefined if there is none, or the text is cut short. */
export function moduleIn(text: string): Record<string, string> | undefined {
  const begin = text.lastIndexOf(BEGIN)
  if (begin < 0) return undefined
  const files: Record<string, string> = {}
  let at = begin + BEGIN.length
  while (!text.startsWith(END, at)) {
    FILE.lastIndex = at
    const [head = '', path = '', length = ''] = FILE.exec(text) ?? []
    if (head === '') return undefined
    const from = at + head.length
    files[path] = text.slice(from, from + Number(length))
    at = from + Number(length) + 1
  }
  return files
}

/** The text of that list. */
export function carriedNodeList(carried: CarriedNode[]): string {
  const rows = carried.map(({ archive, sha256 }) => {
    const { fileName, folder, system, architecture, format } = archive
    return { fileName, folder, system, architecture, format, sha256 }
  })
  return `${JSON.stringify(rows, null, 2)}\n`
}
