/** That a proxy lets nobody through without a login. @param proxy as it is named at the beginning of a sentence */
export function proxyWantsLogin(proxy: string): { code: 'UNAUTHORIZED'; message: string; remedy: string } {
  return {
    code: 'UNAUTHORIZED',
    message: `${proxy} wants a user and a password, or other ones.`,
    remedy: 'Put them into the address of the proxy: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT.',
  }
}

/** undici has no code for a proxy that makes no tunnel: the status stands in its message alone. */
export function refusedTunnel(message: string): number | undefined {
  const status = /^Proxy response \(([0-9]{3})\) !== 200/.exec(message)?.[1]
  return status === undefined ? undefined : Number(status)
}
