import { INSTALLS } from './install-scenarios.js'
import { sampleOf } from './sample.js'

sampleOf('a call that fails, or that the process does not live through: installing', INSTALLS)
