import type { InstallResult, PullRequest } from '../requests.js'
import { install } from './install.js'

/**
 * Fetches images from a registry into the store, as `docker pull` does: by full reference, or by a name of
 * the catalog with a tag. `latest` moves only where the tag says so.
 * @throws as install
 */
export async function pull(request: PullRequest): Promise<InstallResult> {
  const { references, ...others } = request
  return await install({ ...others, targets: references, noLatest: true })
}
