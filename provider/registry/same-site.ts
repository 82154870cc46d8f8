import { isIP } from 'node:net'
import { bareHost } from './addresses.js'

/**
 * Domains below which strangers can get names. No such list is ever complete (publicsuffix.org has
 * thousands); these are the ones where registries and small servers are found.
 */
const SHARED = [
  'amazonaws.com',
  'azure.com',
  'azurecontainer.io',
  'azurecontainerapps.io',
  'azurecr.cn',
  'azurecr.io',
  'azurecr.us',
  'azurewebsites.net',
  'aliyuncs.com',
  'cloudapp.net',
  'cloudflare.com',
  'cloudfront.net',
  'ddns.net',
  'digitaloceanspaces.com',
  'duckdns.org',
  'dyndns.org',
  'fly.dev',
  'freeddns.org',
  'github.io',
  'gitlab.io',
  'googleapis.com',
  'googleusercontent.com',
  'herokuapp.com',
  'hopto.org',
  'jfrog.io',
  'myqcloud.com',
  'netlify.app',
  'ngrok.app',
  'ngrok.dev',
  'ngrok.io',
  'ngrok-free.app',
  'nip.io',
  'no-ip.org',
  'ondigitalocean.app',
  'onrender.com',
  'oraclecloud.com',
  'pages.dev',
  'pkg.dev',
  'run.app',
  'sslip.io',
  'svc.cluster.local',
  'ts.net',
  'vercel.app',
  'web.app',
  'windows.net',
  'workers.dev',
  'zapto.org',
]

/**
 * What comes before the country code in domains below which anybody can register, such as `co.uk`; and
 * anything as short.
 */
const SECOND_LEVEL = /^(.{1,3}|asso|firm|gouv|gov[a-z]*|info|jus|ltda?|museum|name|nom|press|school|store)$/

/**
 * Whether two hosts stand side by side in a domain that has one owner: `registry.example.org` and
 * `gitlab.example.org`. All labels but the first are the same, there are at least two of them, and strangers get no
 * names below them as far as can be told; in doubt it is no.
 */
export function areSiblings(one: string, other: string): boolean {
  const parent = parentOf(one)
  return parent !== undefined && parent === parentOf(other) && one !== other && !isShared(parent)
}

function parentOf(host: string): string | undefined {
  const name = bareHost(host).toLowerCase().replace(/\.$/, '')
  if (isIP(name)) return undefined
  const parent = name.split('.').slice(1)
  return parent.length < 2 ? undefined : parent.join('.')
}

function isShared(domain: string): boolean {
  const [country = '', second = '', ...more] = domain.split('.').reverse()
  if (more.length === 0 && country.length === 2 && SECOND_LEVEL.test(second)) return true
  return SHARED.some((shared) => domain === shared || domain.endsWith(`.${shared}`))
}
