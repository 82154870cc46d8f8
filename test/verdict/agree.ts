import { expect } from 'chai'
import type { JudgedArchive } from '../fixtures/judged-archives.js'
import type { Verdict } from './asked-verbs.js'

/** Everyone has the same images of what is good, and nobody takes what is not; a listing need not read all bytes. */
export function agree(
  { images, damage, base }: Pick<JudgedArchive, 'images' | 'damage' | 'base'>,
  all: Record<string, Verdict>,
): void {
  const said = base ? withoutBase(base, all) : all
  const { find, inspect, load, ...others } = said
  if (damage) {
    for (const [verb, verdict] of Object.entries({ ...others, ...(load ? { load } : {}) }))
      expect(verdict, `${verb} takes it: ${told(said)}`).to.have.property('refuses')
    return
  }
  for (const [verb, verdict] of Object.entries(said))
    expect(verdict, `${verb} refuses it: ${told(said)}`).to.have.property('images')
  const installed = imagesOf(said.install)
  expect(installed, `install: ${told(said)}`).to.have.length(images)
  for (const verb of ['inspect', 'find', 'save'])
    expect(imagesOf(said[verb]), `${verb}, and not as install: ${told(said)}`).to.deep.equal(installed)
  // An engine gets one platform of each.
  if (load) expect(installed, `load, and not as install: ${told(said)}`).to.include.members(imagesOf(load))
  if (load) expect(imagesOf(load)).to.not.deep.equal([])
}

/** Who needs what a delta leaves out says so where it is not. What is saved of a delta is one again. */
function withoutBase(
  base: JudgedArchive['base'],
  { load, install, ...said }: Record<string, Verdict>,
): Record<string, Verdict> {
  for (const [verb, verdict] of Object.entries({ load, install: base === 'elsewhere' ? install : undefined }))
    if (verdict)
      expect(verdict, `${verb}: ${told(said)}`)
        .to.have.property('refuses')
        .that.matches(/^BASE_MISSING/)
  const taken = base === 'elsewhere' ? said.inspect : install
  return { ...said, ...(taken ? { install: taken } : {}) }
}

function imagesOf(verdict: Verdict | undefined): string[] {
  return verdict && 'images' in verdict ? verdict.images : []
}

function told(said: Record<string, Verdict>): string {
  const lines = Object.entries(said).map(([verb, verdict]) =>
    'images' in verdict
      ? `${verb} has ${verdict.images.join(' ') || 'no objection'}`
      : `${verb}: ${verdict.refuses}`,
  )
  return `\n${lines.join('\n')}\n`
}
