import { expect } from 'chai'
import { Refusal } from '../../../provider/serve/refusal.js'
import { routeOf } from '../../../provider/serve/route.js'

describe('the route of a request', () => {
  it('has names, tags and digests as the specification has them, or there is none', () => {
    for (const path of [
      '/v2/../x/manifests/1',
      '/v2/%2e%2e/manifests/1',
      '/v2/x//y/tags/list',
      '/v2/X/manifests/1',
      '/v2/x/manifests/%00',
      '/v2/x/blobs/sha256:..',
      '/v2/x/blobs/md5:d41d8cd98f00b204e9800998ecf8427e',
      '/v2/x/referrers/1',
    ])
      expect(() => routeOf('GET', path), path).to.throw(Refusal)
  })
})
