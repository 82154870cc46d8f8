import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { cutDelta, joinDelta } from '../../provider/delta/blocks/index.js'

/**
 * The part of deltas that is measured, as a process of its own: `cut` or `join`, a folder, and the two layers as JSON.
 */
const [what, scratch = '', given = '[]'] = process.argv.slice(2)
const [old, young] = JSON.parse(given)
const made = path.join(scratch, 'made.json')

if (what === 'cut') {
  const descriptor = { digest: young.digest, size: young.range.size, mediaType: '' }
  const delta = await cutDelta({ ...young, descriptor }, [old], { scratch, allowTar: true })
  if (!delta) throw new Error('there is no delta')
  writeFileSync(made, JSON.stringify(delta))
} else await joinDelta(JSON.parse(readFileSync(made, 'utf8')).file, [old], { scratch })
