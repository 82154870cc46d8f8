import { expect } from 'chai'
import { configBytes, type ImageConfig, LIMITS, parseConfig, platformOf } from '../../manifests/index.js'
import { bytes, config, DIGEST } from './documents.js'
import { placesOf, refusal } from './refusal.js'

const places = (change: Record<string, unknown>) => placesOf(() => parseConfig(bytes(config(change))))
const parsed = (change: Record<string, unknown>) => parseConfig(bytes(config(change)))

describe('configs', () => {
  it('are read as they are, with what docker and Windows add', () => {
    const made = config({
      os: 'windows',
      'os.version': '10.0.20348.2227',
      'os.features': ['win32k'],
      created: '2024-01-10T12:34:56.1234567-08:00',
      author: '',
      docker_version: '20.10.1',
      container_config: { Cmd: ['cmd', '/S'] },
      config: {
        ...{ User: 'ContainerUser', Env: ['A=b', 'C=D=E'], Cmd: ['c:\\windows\\system32\\cmd.exe'] },
        ...{
          Entrypoint: [],
          WorkingDir: '',
          Labels: { Maintainer: 'x', maintainer: 'y' },
          ArgsEscaped: true,
        },
        ...{ Volumes: { '/Data': {}, '/data': {} }, ExposedPorts: { '80/tcp': {} }, StopSignal: 'SIGTERM' },
        ...{
          Healthcheck: { Test: ['CMD', 'true'], Interval: 30000000000 },
          OnBuild: ['RUN x'],
          Shell: ['cmd'],
        },
      },
      history: [
        { created: '2024-01-10T12:34:56Z', created_by: 'Apply image', comment: '', empty_layer: true },
        {},
      ],
    })
    expect(parseConfig(bytes(made))).to.deep.equal(made)
  })

  describe('of images that docker, containerd and skopeo take are taken', () => {
    it('with null for what is not there', () => {
      const run = { User: null, Env: null, Cmd: null, Entrypoint: null, WorkingDir: null, Labels: null }
      const more = { Volumes: null, ExposedPorts: null, OnBuild: null, Healthcheck: null, StopSignal: null }
      const step = { created: null, created_by: null, author: null, comment: null, empty_layer: null }
      const nulls = { created: null, author: null, variant: null, 'os.version': null, 'os.features': null }
      expect(parsed({ ...nulls, history: null, config: null })).to.deep.equal(config())
      expect(parsed({ config: { ...run, ...more }, history: [step] })).to.deep.equal(
        config({ config: {}, history: [{}] }),
      )
    })

    it('without os and architecture, as old versions of docker wrote them', () => {
      for (const nothing of [undefined, null, '']) {
        const image = parsed({ os: nothing, architecture: nothing })
        expect(image).to.include({ os: '', architecture: '' })
        expect(platformOf(image)).to.deep.equal({ os: '', architecture: '' })
      }
    })

    it('without diff ids, as docker writes an image without layers', () => {
      expect(parsed({ rootfs: { type: 'layers' } }).rootfs).to.deep.equal({ type: 'layers', diff_ids: [] })
      expect(parsed({ rootfs: { type: 'layers', diff_ids: null } }).rootfs.diff_ids).to.deep.equal([])
    })

    it('with items of Env that set nothing', () => {
      const Env = ['FOO', '', '=', '=C:=C:\\']
      expect(parsed({ config: { Env } }).config?.Env).to.deep.equal(Env)
    })

    it("with docker's time for never, and cosign's config of nothing", () => {
      const created = '0001-01-01T00:00:00Z'
      expect(parsed({ created }).created).to.equal(created)
      const cosign = { architecture: '', os: '', created, history: [{ created }], config: {} }
      expect(parsed(cosign)).to.deep.equal(config(cosign))
    })

    it('with builds of Windows in any form', () => {
      for (const version of ['', '10.0', '10.0.14300.1030', '10.0.17763-beta', 'ltsc'])
        expect(parsed({ 'os.version': version })['os.version']).to.equal(version)
    })
  })

  it('tell everything that is wrong at once', () => {
    const change = {
      ...{ os: 1, architecture: [], variant: 2, 'os.version': 3, 'os.features': 'win32k' },
      ...{ created: 'yesterday', author: 4 },
      config: {
        ...{ User: 1, WorkingDir: {}, StopSignal: 9, Env: [1], Entrypoint: 'sh', Cmd: {}, Labels: { a: 1 } },
        ...{ Volumes: ['/a'], ExposedPorts: '80' },
      },
      rootfs: { type: 'layers+base', diff_ids: [DIGEST, 'x', null] },
      history: [null, { created: '', created_by: 1, author: 2, comment: 3, empty_layer: 'yes' }],
    }
    expect(places(change)).to.deep.equal([
      ...['os', 'architecture', 'variant', 'os.version', 'os.features', 'created'],
      ...['config.User', 'config.WorkingDir', 'config.StopSignal', 'config.Env', 'config.Entrypoint'],
      ...['config.Cmd', 'config.Labels.a', 'config.Volumes', 'config.ExposedPorts'],
      ...['rootfs.type', 'rootfs.diff_ids[1]', 'rootfs.diff_ids[2]', 'author'],
      ...['history[0]', 'history[1].created', 'history[1].created_by', 'history[1].author'],
      ...['history[1].comment', 'history[1].empty_layer'],
    ])
  })

  for (const [what, change, where] of [
    ['no rootfs', { rootfs: undefined }, 'rootfs'],
    ['a list as rootfs', { rootfs: [] }, 'rootfs'],
    ['a rootfs without type', { rootfs: { diff_ids: [] } }, 'rootfs.type'],
    ['diff ids that are no list', { rootfs: { type: 'layers', diff_ids: {} } }, 'rootfs.diff_ids'],
    ['a text as config', { config: 'x' }, 'config'],
    ['an object as history', { history: {} }, 'history'],
    ['an empty time', { created: '' }, 'created'],
    ['a day that does not exist', { created: '2023-02-29T00:00:00Z' }, 'created'],
    ['diff ids in another spelling', { rootfs: { type: 'layers', DIFF_IDS: [] } }, 'rootfs'],
    ['a variant in another spelling', { Variant: 'v7' }, '(whole)'],
    ['a history in another spelling', { History: [] }, '(whole)'],
  ] as const)
    it(`are refused with ${what}`, () => {
      expect(places(change)).to.deep.equal([where])
    })

  it('are limited to 20 MiB', () => {
    refusal(() => parseConfig(Buffer.alloc(LIMITS.configBytes + 1, ' ')), 'DOCUMENT_TOO_LARGE')
  })

  it('say the platform, with its names in the form of the specification', () => {
    const image = parsed({
      os: 'Windows',
      architecture: 'x86_64',
      'os.version': '10.0.1',
      'os.features': ['win32k'],
    })
    const expected = {
      os: 'windows',
      architecture: 'amd64',
      'os.version': '10.0.1',
      'os.features': ['win32k'],
    }
    expect(platformOf(image)).to.deep.equal(expected)
    expect(platformOf(parsed({ architecture: 'arm64', variant: 'v8' }))).to.deep.equal({
      os: 'linux',
      architecture: 'arm64',
    })
    expect(platformOf(parsed({ architecture: 'constructor' })).architecture).to.equal('constructor')
  })

  it('that we make are read as they were', () => {
    const made = config({ created: '2024-02-11T00:00:00Z', config: { Labels: { b: '', a: '' } } })
    expect(parseConfig(configBytes(made as unknown as ImageConfig))).to.deep.equal(made)
  })
})
