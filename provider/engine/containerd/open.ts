import { hostPlatform } from '../../choice/host-platform.js'
import { rubbish } from '../client/complaints.js'
import { ask } from '../client/program.js'
import { reachSocket } from '../client/socket.js'
import type { Engine, EngineOptions } from '../port/engine.js'
import { findCtr } from './ctr.js'
import { Containerd } from './engine.js'

/** In milliseconds. */
const PATIENCE = 15_000

/** Connects to containerd by its client. @throws ENGINE_UNREACHABLE, ENGINE_REFUSED */
export async function openContainerd(options: EngineOptions): Promise<Engine> {
  const ctr = findCtr(options)
  await reachSocket('containerd', ctr.address)
  const { signal } = options
  const said = await ask(ctr, ['--connect-timeout', '5s', 'version'], {
    patience: PATIENCE,
    signal,
  })
  const version = /^Server:\s+Version:\s+(\S+)/m.exec(said)?.[1]
  if (version === undefined) throw rubbish(ctr.label, 'the version of the server', said)
  const label = `containerd ${version} at ${ctr.address}, namespace ${ctr.namespace}`
  return new Containerd({ ...ctr, label }, version, hostPlatform())
}
