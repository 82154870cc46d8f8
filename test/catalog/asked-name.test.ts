import { expect } from 'chai'
import { AskedNames, namesMeant } from '../../catalog/asked-name.js'

describe('names that are asked for many at a time', () => {
  const names = [
    'debian',
    'bitnami/redis',
    'redis',
    'quay.io/opstree/redis',
    'quay.io/opstree/Redis-Extra',
    'registry.site:5000/base/debian',
    'registry.site:5000/base/probe',
    'nanoserver',
    'team-a/app',
    'team-b/app',
    'a.b/team-b/app',
    '<none>',
    'debian',
  ]
  const asked = [
    ...names,
    'app',
    'opstree/redis',
    'REDIS',
    'edis',
    'base/debian',
    'docker.io/library/debian',
    'library/debian',
    'docker.io/bitnami/redis',
    'team-?/app',
    'app*',
    '*/redis*',
    'base/[dp]*',
    'team-b/app',
    '',
    'no/such',
  ]
  const many = new AskedNames(names)

  for (const one of asked)
    it(`means the same as alone: ${one === '' ? 'nothing' : one}`, () => {
      expect([...many.meant(one)]).to.deep.equal(namesMeant(one, names))
    })
})
