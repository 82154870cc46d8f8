import type { Context } from '../../session/context.js'
import { Settings } from '../../session/settings/settings.js'
import type { ReadPolicy } from './policy/read-policy.js'

const POLICIES = new WeakMap<Context, Promise<ReadPolicy | undefined>>()

/**
 * The policy that a run follows: the one that its request names, else the one in the settings; undefined if there is
 * neither ([decision 18](../../../docs/decisions/0018-policies-for-images.md)). It is read once per run.
 * @throws as readPolicy
 */
export function policyOfRun(context: Context): Promise<ReadPolicy | undefined> {
  const known = POLICIES.get(context) ?? readFor(context)
  POLICIES.set(context, known)
  return known
}

async function readFor(context: Context): Promise<ReadPolicy | undefined> {
  const file = context.options.policy ?? (await Settings.read()).get('policy')
  if (file === undefined) return undefined
  const { readPolicy } = await import('./policy/read-policy.js')
  return await readPolicy(file)
}
