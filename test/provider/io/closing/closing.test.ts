import { expect } from 'chai'
import { besidesOf, ContainerImageError } from '../../../../manifests/index.js'
import { copy } from '../../../../provider/copy/copy.js'
import type { ImageSource } from '../../../../provider/copy/ports.js'
import { closeAll, closedAfter, closing } from '../../../../provider/io/closing/closing.js'
import { fromSystem } from '../../../../provider/io/files/system-errors.js'
import { Context, inContext } from '../../../../provider/session/context.js'

describe('what is closed in the end', () => {
  let closed: string[]
  beforeEach(() => {
    closed = []
  })

  const opened = (name: string) => ({ close: async () => void closed.push(name) })
  const failing = (name: string, error: unknown = new Error(`${name} cannot be closed`)) => ({
    close: async () => {
      closed.push(name)
      throw error
    },
  })

  async function thrownBy(run: () => Promise<unknown>): Promise<unknown> {
    return await run().then(
      () => expect.fail('nothing was thrown'),
      (error: unknown) => error,
    )
  }

  const messages = (error: unknown): string[] => besidesOf(error).map((one) => (one as Error).message)

  it('is closed once, in its order, after the work, whose result stays', async () => {
    const work = async (): Promise<number> => closed.push('work')
    const steps = [opened('a'), undefined, () => void closed.push('b'), opened('c')]
    expect(await closing(steps, work)).to.equal(1)
    expect(closed).to.deep.equal(['work', 'a', 'b', 'c'])
    await closing(undefined, async () => {})
    await closing(opened('d'), async () => {})
    expect(closed.slice(4)).to.deep.equal(['d'])
  })

  it('may come to be only while the work goes on', async () => {
    const open: { close(): unknown }[] = []
    await closing(open, async () => void open.push(opened('a'), opened('b')))
    expect(closed).to.deep.equal(['a', 'b'])
  })

  for (const which of ['a', 'b', 'c'])
    it(`is all closed when ${which} cannot be, and that is told`, async () => {
      const all = ['a', 'b', 'c'].map((name) => (name === which ? failing(name) : opened(name)))
      const error = await thrownBy(() => closing(all, async () => 'done'))
      expect(error).to.be.an('error').with.property('message', `${which} cannot be closed`)
      expect(closed).to.deep.equal(['a', 'b', 'c'])
      expect(messages(error)).to.deep.equal([])
    })

  it('never hides why the work failed: it is noted with that', async () => {
    const why = new ContainerImageError('NO_SPACE', 'The disk is full.')
    const all = [failing('a'), opened('b'), failing('c')]
    const error = await thrownBy(() =>
      closing(all, async () => {
        throw why
      }),
    )
    expect(error).to.equal(why)
    expect(closed).to.deep.equal(['a', 'b', 'c'])
    expect(messages(error)).to.deep.equal(['a cannot be closed', 'c cannot be closed'])
  })

  it('is closed where a step throws at once, and where nothing is thrown that is an error', async () => {
    const steps = [
      () => {
        throw new Error('at once')
      },
      failing('a', undefined),
      failing('b', 'a text'),
      opened('c'),
    ]
    expect(await thrownBy(() => closeAll(steps))).to.have.property('message', 'at once')
    expect(closed).to.deep.equal(['a', 'b', 'c'])
    expect(await closedAfter('a text as well', failing('d'))).to.equal('a text as well')
  })

  it('is told also of an error that was put into other words afterwards', async () => {
    const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
    const error = fromSystem(await closedAfter(full, failing('a')), 'Writing x')
    expect(error).to.include({ code: 'NO_SPACE' })
    expect(messages(error)).to.deep.equal(['a cannot be closed'])
  })

  it('is noted in the order in which it failed, from within outwards', async () => {
    const error = await thrownBy(() =>
      closing(failing('outer'), () =>
        closing([failing('inner'), failing('second')], async () => {
          throw new Error('work')
        }),
      ),
    )
    expect(error).to.have.property('message', 'work')
    expect(messages(error)).to.deep.equal(
      ['inner', 'second', 'outer'].map((name) => `${name} cannot be closed`),
    )
  })

  describe('at the end of a verb', () => {
    it('is closed with everything else of its context, whichever fails', async () => {
      for (const which of [0, 1, 2]) {
        closed = []
        const context = new Context({})
        context.hasher.close = opened('hasher').close
        for (const i of [0, 1, 2]) context.onClose((i === which ? failing : opened)(`step ${i}`).close)
        const error = await thrownBy(() => context.close())
        expect(error).to.have.property('message', `step ${which} cannot be closed`)
        expect(closed).to.deep.equal(['step 0', 'step 1', 'step 2', 'hasher'])
      }
    })

    it('does not take the place of the error of the verb', async () => {
      const why = new ContainerImageError('NOT_FOUND', 'There is no such image.')
      const error = await thrownBy(() =>
        inContext({}, async (context) => {
          context.onClose(failing('scratch').close)
          context.onClose(opened('source').close)
          throw why
        }),
      )
      expect(error).to.equal(why)
      expect(messages(error)).to.deep.equal(['scratch cannot be closed'])
      expect(closed).to.deep.equal(['scratch', 'source'])
    })
  })

  it('is a copy that is taken back: what fails then does not hide why', async () => {
    const why = new ContainerImageError('DIGEST_MISMATCH', 'The bytes are wrong.')
    const sink = {
      label: 'sink',
      has: async () => false,
      write: async () => {},
      tag: async () => {},
      begin: async () => {
        throw why
      },
      abort: failing('sink').close,
    }
    const plan = { contents: [], documents: new Map(), images: [] }
    const source = { label: 'source', concurrency: 1 } as unknown as ImageSource
    const error = await thrownBy(() => copy(source, plan, sink, { task: 'test' }))
    expect(error).to.equal(why)
    expect(messages(error)).to.deep.equal(['sink cannot be closed'])
  })
})
