import { matcher } from '../../../catalog/wildcard.js'
import { ContainerImageError, show } from '../../../manifests/index.js'
import { Settings } from '../../session/settings/settings.js'
import type { TrustSetting } from '../../session/settings/trust-setting.js'
import { readPublicKey } from '../../trust/keys/read-public-key.js'
import { parseUncheckedKey, publicKeyLine } from '../../trust/minisign/public-key.js'
import { forgetMarks } from '../../trust/trusted/seen-marks.js'
import { trustedKey } from '../../trust/trusted/trusted-keys.js'
import type { TrustAddRequest, TrustedSigner } from './request.js'

/**
 * Trusts a key. From then on install, load, serve, push and every other verb that takes images accept only
 * what trusted keys have signed.
 * @throws KEY_INVALID, KEY_EXISTS, PATH_NOT_FOUND, USAGE for an invalid name or pattern, SETTINGS_READ_ONLY
 */
export async function trustAdd({
  key: word,
  name,
  patterns,
  whatIf,
}: TrustAddRequest): Promise<TrustedSigner> {
  const key = await readPublicKey(word)
  const added: TrustSetting = { name: name ?? key.id, key: publicKeyLine(key), for: patterns }
  checkName(added.name)
  for (const pattern of patterns ?? []) matcher(pattern)
  const settings = await (whatIf ? Settings.read() : Settings.change())
  const trust = settings.get('trust') ?? []
  const other = trust.find((one) => sameName(one.name, added.name) || one.key === added.key)
  if (other)
    throw new ContainerImageError('KEY_EXISTS', `There is a trusted key ${show(other.name)} already.`, {
      expected: 'another name, and another key',
      found: sameName(other.name, added.name) ? 'the same name' : 'the same key',
    })
  if (!whatIf) await settings.set('trust', [...trust, added])
  return shown(added)
}

/** The trusted keys, in the order in which they were added. @throws SETTINGS_UNREADABLE */
export async function trustList(): Promise<TrustedSigner[]> {
  return ((await Settings.read()).get('trust') ?? []).map(shown)
}

/**
 * Stops trusting a key, and forgets what was seen of it. Without any key nothing is checked.
 * @param name its name, or its id
 * @throws KEY_UNKNOWN, SETTINGS_READ_ONLY
 */
export async function trustRemove(
  name: string,
  { whatIf }: { whatIf?: boolean } = {},
): Promise<TrustedSigner> {
  const settings = await (whatIf ? Settings.read() : Settings.change())
  const trust = settings.get('trust') ?? []
  const removed =
    trust.find((one) => sameName(one.name, name)) ??
    trust.find((one) => sameName(unchecked(one)?.id ?? '', name))
  if (!removed)
    throw new ContainerImageError('KEY_UNKNOWN', `No trusted key is called ${show(name)}.`, {
      expected: trust.map((one) => one.name).join(', ') || 'a trusted key',
      found: show(name),
    })
  if (!whatIf) {
    await settings.set(
      'trust',
      trust.filter((one) => one !== removed),
    )
    const id = unchecked(removed)?.id
    if (id) await forgetMarks(id)
  }
  return {
    name: removed.name,
    id: '',
    key: removed.key,
    patterns: [...(removed.for ?? [])],
    ...unchecked(removed),
  }
}

/** What is removed may be what made every other verb refuse the settings. */
function unchecked(setting: TrustSetting): Pick<TrustedSigner, 'id'> | undefined {
  try {
    return { id: parseUncheckedKey(Buffer.from(setting.key), setting.name).id }
  } catch {
    return undefined
  }
}

function shown(setting: TrustSetting): TrustedSigner {
  const { name, id, patterns } = trustedKey(setting)
  return { name, id, key: setting.key, patterns: [...patterns] }
}

function checkName(name: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(name)) return
  throw new ContainerImageError('USAGE', `${show(name)} cannot be the name of a key.`, {
    expected: 'letters, digits, . _ @ and -, beginning with a letter or digit',
    found: show(name),
    remedy: 'Choose another name.',
  })
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
