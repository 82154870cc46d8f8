import { mkdirSync, writeFileSync } from 'node:fs'
import { withOlder } from './install-scenarios.js'
import type { Scenario } from './scenario.js'
import { withBoth } from './store-scenarios.js'

/** To and from registries and engines. */
export const TRANSFERS: Scenario[] = [
  {
    title: 'pull',
    peers: ['docker-registry'],
    prepare: withOlder,
    command: async (inputs) => ['pull', `${await inputs.pushed()}:2.0`],
  },
  {
    title: 'save from a registry',
    peers: ['docker-registry'],
    command: async (inputs) => ['save', `${await inputs.pushed()}:2.0`, '--path', 'out.tar'],
  },
  {
    title: 'push',
    reachesOut: true,
    peers: ['docker-registry'],
    prepare: withBoth,
    command: async (inputs) => ['push', 'demo', await inputs.newPlace()],
  },
  {
    title: 'push of a 7z',
    reachesOut: true,
    peers: ['docker-registry'],
    prepare: withOlder,
    command: async (inputs) => ['push', await inputs.saved('demo.7z'), await inputs.newPlace()],
  },
  {
    title: 'copy',
    reachesOut: true,
    peers: ['docker-registry'],
    command: async (inputs) => ['copy', await inputs.demo('2.0'), `${await inputs.newPlace()}/demo:2.0`],
  },
  {
    title: 'login',
    peers: ['docker-registry'],
    command: async (inputs) => ['login', await inputs.host(), '--username', 'me', '--password-stdin'],
    input: 'a password\n',
  },
  {
    title: 'logout',
    prepare: async ({ at }) => {
      mkdirSync(at('home', '.docker'))
      const auths = {
        'registry.example': { auth: 'bWU6cGFzc3dvcmQ=' },
        'other.example': { auth: 'bWU6cGFzcw==' },
      }
      writeFileSync(at('home', '.docker', 'config.json'), JSON.stringify({ auths }))
    },
    command: async () => ['logout', 'registry.example'],
  },
  {
    title: 'set update',
    peers: ['docker-registry'],
    async prepare({ at }, inputs) {
      const [host = '', ...repository] = (await inputs.pushed()).split('/')
      const lines = ['source: lab', `sources: { lab: "http://${host}" }`, 'images:']
      writeFileSync(at('plant.yaml'), [...lines, `  - name: ${repository.join('/')}`, ''].join('\n'))
    },
    command: async () => ['set', 'update', 'plant.yaml'],
  },
  {
    title: 'load into podman',
    reachesOut: true,
    peers: ['podman'],
    prepare: withBoth,
    environment: (inputs) => inputs.podmanEnvironment(),
    command: async (inputs) => ['load', 'demo', '--engine', 'podman', '--repository', inputs.newName()],
  },
  {
    title: 'load of a 7z into docker',
    reachesOut: true,
    peers: ['docker', 'dockerd'],
    prepare: withOlder,
    async command(inputs) {
      const docker = ['--engine', 'docker', '--engine-address', await inputs.dockerSocket()]
      return ['load', await inputs.saved('demo.7z'), ...docker, '--repository', inputs.newName()]
    },
  },
]
