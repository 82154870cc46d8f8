import { sampleOf } from './sample.js'
import { REPAIRS, SAVES } from './save-scenarios.js'

sampleOf('a call that fails, or that the process does not live through: saving', [...SAVES, ...REPAIRS])
