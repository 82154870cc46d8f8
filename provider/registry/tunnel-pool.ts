import type { Pool } from 'undici'
import PoolOf from 'undici/lib/dispatcher/pool.js'

/** The code of a proxy that closes the connection before it says whether there will be a tunnel. */
export const TUNNEL_CUT = 'TUNNEL_CUT'

/**
 * The connections to a proxy over which tunnels are asked for. undici treats the closing of such a connection
 * as temporary, and reconnects at once, without end and without a pause (`onError` of its client): so it gets
 * another code, and the request fails.
 */
export function tunnelPool(origin: URL, options: object): Pool {
  const pool = new PoolOf(origin, options)
  const connect = pool.connect.bind(pool)
  const recoded = (wish: Parameters<typeof connect>[0]) =>
    connect(wish).catch((error: unknown) => {
      throw isClosing(error)
        ? Object.assign(new Error('closed', { cause: error }), { code: TUNNEL_CUT })
        : error
    })
  return Object.assign(pool, { connect: recoded as typeof pool.connect })
}

function isClosing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'UND_ERR_SOCKET' || code === 'UND_ERR_INFO'
}
