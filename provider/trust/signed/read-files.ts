import { isWimFile } from '../../formats/open/is-wim-file.js'

/** The files that are read when something is opened by its path: a single one, or all parts of a WIM. */
export async function filesRead(file: string, beside: readonly string[] | undefined): Promise<string[]> {
  if (!(await isWimFile(file))) return [file]
  const { openWim } = await import('../../formats/wim/read/wim.js')
  const wim = await openWim(file, { beside })
  await wim.close()
  return wim.parts.map((part) => part.path)
}
