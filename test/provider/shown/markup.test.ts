import { expect } from 'chai'
import { type Child, element, Pieces } from '../../../provider/shown/element.js'
import { piecesOf, unescaped } from '../../../provider/shown/markup.js'

const HOSTILE = '<b>&"\'</p><script>alert(1)</script>\u001b\u202e\u2028'
const ESCAPED = "&lt;b&gt;&amp;&quot;'&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;???"

function markup(child: Child): string {
  return [...piecesOf(child)].join('')
}

describe('components as text', () => {
  it('keep text from outside text: in content, in attributes, and through components', () => {
    const Own = ({ title, children }: { title: string; children?: Child }) =>
      element(Pieces, {}, element('i', { title }), children)
    expect(markup(element('b', { title: HOSTILE, key: 1 }, HOSTILE))).to.equal(
      `<b title="${ESCAPED}">${ESCAPED}</b>`,
    )
    expect(markup(element(Own, { title: HOSTILE }, [HOSTILE, element('b', null, HOSTILE)]))).to.equal(
      `<i title="${ESCAPED}"></i>${ESCAPED}<b>${ESCAPED}</b>`,
    )
    expect(unescaped(ESCAPED)).to.equal('<b>&"\'</p><script>alert(1)</script>???')
  })

  it('leave out what is not there, and write what is 0', () => {
    expect(markup([undefined, null, false, true, '', 0])).to.equal('0')
    expect(markup(element('i', { a: undefined, b: false, c: true, d: 0 }))).to.equal('<i c d="0"></i>')
    expect(markup(element('input', { type: 'search' }))).to.equal('<input type="search">')
  })

  it('take no text from outside where it would end a style or a script', () => {
    expect(markup(element('style', null, 'a > b {}'))).to.equal('<style>a > b {}</style>')
    for (const wrong of ['</style><b>', 1, [HOSTILE], element('b', null)])
      expect(() => markup(element('script', null, wrong)), String(wrong)).to.throw(/of our own/)
  })

  it('take nothing that only the window can draw', () => {
    expect(() => markup({ type: 'a', props: {}, key: null })).to.throw(/window/)
  })

  it('go through a list as it is written, a piece at a time', () => {
    let given = 0
    function* rows(): Generator<Child> {
      for (; given < 100_000; given++) yield element('i', null, 'row')
    }
    const pieces = piecesOf(element('b', null, rows()))
    const lengths = [pieces.next().value?.length ?? 0]
    expect(given).to.be.within(1, 10_000)
    for (const { length } of pieces) lengths.push(length)
    expect(Math.max(...lengths)).to.be.lessThan(70_000)
    expect(lengths.reduce((sum, one) => sum + one, 0)).to.equal(
      '<b></b>'.length + 100_000 * '<i>row</i>'.length,
    )
  })

  it('may be nested deeper than the stack is', () => {
    let child: Child = 'x'
    for (let depth = 0; depth < 100_000; depth++) child = element('i', null, child)
    expect(markup(child)).to.have.length(100_000 * '<i></i>'.length + 1)
  })
})
