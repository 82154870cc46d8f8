import type { Findings } from '../../../manifests/index.js'
import type { Statement } from './statement.js'

const LINE = /^([A-Za-z][A-Za-z0-9:_.-]{2,100})(?:\s+exp:(\d{4}-\d{2}-\d{2}))?$/

/**
 * A plain list: one id per line, `exp:2026-12-31` after it if it counts only until that day, and a comment
 * after `#`.
 */
export function readIdList(text: string, findings: Findings): Statement[] {
  return text.split(/\r?\n/).flatMap((line, at): Statement[] => {
    const [content = '', comment = ''] = line.split(/#(.*)/s)
    if (content.trim() === '') return []
    const [, id, until] = LINE.exec(content.trim()) ?? []
    if (id === undefined || (until !== undefined && Number.isNaN(Date.parse(until)))) {
      findings.add(`line ${at + 1}`, 'an id, and perhaps exp:YYYY-MM-DD', content.trim())
      return []
    }
    return [{ ids: [id], reason: comment.trim(), ...(until === undefined ? {} : { until }) }]
  })
}
