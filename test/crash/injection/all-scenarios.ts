import { IMAGES } from './image-scenarios.js'
import { INSTALLS } from './install-scenarios.js'
import { REPAIRS, SAVES } from './save-scenarios.js'
import type { Scenario } from './scenario.js'
import { SMALL_FILES } from './small-file-scenarios.js'
import { STORE_CHANGES } from './store-scenarios.js'
import { TRANSFERS } from './transfer-scenarios.js'
import { TRUST } from './trust-scenarios.js'

/** Every verb that writes. */
export const SCENARIOS: Scenario[] = [
  ...INSTALLS,
  ...TRANSFERS,
  ...STORE_CHANGES,
  ...SMALL_FILES,
  ...IMAGES,
  ...SAVES,
  ...REPAIRS,
  ...TRUST,
]
