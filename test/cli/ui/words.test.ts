import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { LANGUAGES, t } from '../../../cli/ui/page/words/words.js'
import { chooseLanguage } from '../../../provider/shown/index.js'

const PAGE = 'cli/ui/page'
const COMPONENTS = 'provider/shown'

describe('the words of the page', () => {
  const { en, ko } = LANGUAGES

  it('are the same in both languages, none of them empty or left as they were', () => {
    expect(Object.keys(ko).sort()).to.deep.equal(Object.keys(en).sort())
    // What is a name in either language.
    const same = Object.entries(ko).filter(
      ([key, text]) => text === '' || text === en[key as keyof typeof en],
    )
    expect(same).to.deep.equal([])
    const latin = Object.entries(ko).filter(
      ([key, text]) => !/[\p{Script=Hangul}]/u.test(text) && key !== 'id',
    )
    expect(latin).to.deep.equal([])
  })

  it('have the same places for values', () => {
    const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort()
    for (const [key, text] of Object.entries(en))
      expect(places(ko[key as keyof typeof ko]), key).to.deep.equal(places(text))
  })

  it('are all used', () => {
    const files = [PAGE, COMPONENTS].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('words'))
        .map((name) => path.join(folder, name)),
    )
    // Some are words of what the page is told.
    const sources = [...files, 'cli/ui/protocol/actions.ts']
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n')
    const unused = Object.keys(en).filter((key) => !new RegExp(`'${key}'|\\b${key}:`).test(sources))
    expect(unused).to.deep.equal([])
  })

  it('are in the first language of the reader that there is', () => {
    expect(chooseLanguage(['de-DE', 'ko-KR', 'en-US'])).to.equal('ko')
    expect(t('imageCountOf', { n: 1, all: 10_000 })).to.equal('이미지 10,000개 중 1개')
    expect(chooseLanguage(['de'])).to.equal('en')
    expect(chooseLanguage(['constructor', 'EN-gb'])).to.equal('en')
    expect(chooseLanguage([])).to.equal('en')
    expect(t('imageCountOf', { n: 1, all: 10_000 })).to.equal('1 of 10,000 images')
  })
})
