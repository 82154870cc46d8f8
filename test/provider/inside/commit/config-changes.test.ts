import { expect } from 'chai'
import { withChanges } from '../../../../provider/inside/commit/config-changes.js'
import { DOCKER_PAIRS } from './docker-pairs.js'

const change = (...changes: string[]) => withChanges({ Env: ['PATH=/bin', 'OLD=1'], Cmd: ['sh'] }, changes)

describe('the changes of an image as a Dockerfile writes them', () => {
  it('take a list in JSON as it is, and anything else for the shell', () => {
    expect(change('CMD ["a", "b c"]').Cmd).to.deep.equal(['a', 'b c'])
    expect(change('cmd a $HOME').Cmd).to.deep.equal(['/bin/sh', '-c', 'a $HOME'])
    expect(change('CMD ["a", 1]').Cmd).to.deep.equal(['/bin/sh', '-c', '["a", 1]'])
    expect(withChanges({ Shell: ['pwsh', '-c'] }, ['CMD a']).Cmd).to.deep.equal(['pwsh', '-c', 'a'])
  })

  it('take the command of the image away with another entrypoint, but not one of their own', () => {
    expect(change('ENTRYPOINT ["/e"]'))
      .to.deep.include({ Entrypoint: ['/e'] })
      .and.not.to.have.property('Cmd')
    expect(change('CMD ["c"]', 'ENTRYPOINT ["/e"]')).to.deep.include({ Entrypoint: ['/e'], Cmd: ['c'] })
    expect(change('ENTRYPOINT []').Entrypoint).to.equal(undefined)
  })

  it('set variables and labels, in both forms, with quotes and values of others', () => {
    expect(change('ENV A=b C="d e" D=f\\ g').Env).to.deep.equal([
      'PATH=/bin',
      'OLD=1',
      'A=b',
      'C=d e',
      'D=f g',
    ])
    expect(change('ENV OLD two words').Env).to.deep.equal(['PATH=/bin', 'OLD=two words'])
    expect(change('ENV P=/x:$PATH').Env).to.include('P=/x:/bin')
    expect(change("ENV P='$PATH'", `ENV Q=$${'{NONE:-d}'}$${'{OLD:+s}'}`).Env).to.include.members([
      'P=$PATH',
      'Q=ds',
    ])
    expect(change('LABEL a=1 "b.c"="x y"').Labels).to.deep.equal({ a: '1', 'b.c': 'x y' })
    expect(change('LABEL a=').Labels).to.deep.equal({ a: '' })
  })

  it('read names and values as docker does, quotes and all', () => {
    for (const [instruction, result] of DOCKER_PAIRS) {
      const made = () => {
        const { Env, Labels } = withChanges({}, ['ENV N=two\\ words', instruction])
        const variables = (Env ?? [])
          .slice(1)
          .map((one) => [one.split('=', 1)[0], one.slice(one.indexOf('=') + 1)])
        return Labels ?? Object.fromEntries(variables)
      }
      if (result) expect(made(), instruction).to.deep.equal(result)
      else expect(made, instruction).to.throw().with.property('code', 'USAGE')
    }
  })

  it('set user, folder, ports, volumes and the signal', () => {
    const run = change(
      'USER app:1',
      'WORKDIR /srv',
      'WORKDIR x',
      'EXPOSE 80 53/udp 8000-8001',
      'STOPSIGNAL SIGINT',
    )
    expect(run).to.deep.include({ User: 'app:1', WorkingDir: '/srv/x', StopSignal: 'SIGINT' })
    expect(run.ExposedPorts).to.deep.equal({ '80/tcp': {}, '53/udp': {}, '8000/tcp': {}, '8001/tcp': {} })
    expect(change('VOLUME ["/a b"]', 'VOLUME /c /d').Volumes).to.deep.equal({
      '/a b': {},
      '/c': {},
      '/d': {},
    })
  })

  it('set checks as docker keeps them', () => {
    expect(change('HEALTHCHECK NONE').Healthcheck).to.deep.equal({ Test: ['NONE'] })
    expect(change('HEALTHCHECK --interval=1m30s --retries=3 CMD ["a"]').Healthcheck).to.deep.equal({
      Interval: 90e9,
      Retries: 3,
      Test: ['CMD', 'a'],
    })
    expect(change('HEALTHCHECK CMD a || b').Healthcheck).to.deep.equal({ Test: ['CMD-SHELL', 'a || b'] })
  })

  it('leave what they are given as it was', () => {
    const before = { Env: ['A=1'], Labels: { a: '1' } }
    withChanges(before, ['ENV A=2', 'LABEL a=2', 'USER x'])
    expect(before).to.deep.equal({ Env: ['A=1'], Labels: { a: '1' } })
  })

  for (const bad of [
    'ONBUILD RUN x',
    'RUN make',
    'constructor x',
    '',
    'ENV',
    'ENV A',
    'ENV A="b',
    'ENV A=b C',
    'LABEL =x',
    'LABEL ""=x',
    'ENV ""=x',
    'USER',
    'EXPOSE 0',
    'EXPOSE 70000',
    'EXPOSE 90-80',
    'VOLUME []',
    'STOPSIGNAL no such',
    'HEALTHCHECK',
    'HEALTHCHECK --interval=1 CMD x',
    'HEALTHCHECK --other=1s CMD x',
    'WORKDIR ${A',
  ])
    it(`refuse ${JSON.stringify(bad)}`, () => {
      expect(() => change(bad))
        .to.throw()
        .with.property('code', 'USAGE')
    })
})
