import { sampleOf } from './sample.js'
import { SMALL_FILES } from './small-file-scenarios.js'
import { STORE_CHANGES } from './store-scenarios.js'
import { TRANSFERS } from './transfer-scenarios.js'
import { TRUST } from './trust-scenarios.js'

sampleOf(
  'a call that fails, or that the process does not live through: store, settings, registries, engines, keys',
  [...STORE_CHANGES, ...SMALL_FILES, ...TRANSFERS, ...TRUST],
)
