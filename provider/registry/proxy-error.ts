/** The error for a proxy that requires a login. @param proxy as it is named at the beginning of a sentence */
export function proxyWantsLogin(proxy: string): { code: 'UNAUTHORIZED'; message: string; remedy: string } {
  return {
    code: 'UNAUTHORIZED',
    message: `${proxy} wants a user and a password, or other ones.`,
    // Written out as an address it would be masked, as every password in one is.
    remedy:
      'Put both before the host of the proxy in HTTPS_PROXY, or in HTTP_PROXY for plain http: the user, a colon, the password, and an @.',
  }
}

/** undici has no code for a proxy that lets nothing through: the status stands in its message alone. */
export function refusedTunnel(message: string): number | undefined {
  const status = /^Proxy (?:response|Authentication Required) \(([0-9]{3})\)/.exec(message)?.[1]
  return status === undefined ? undefined : Number(status)
}
