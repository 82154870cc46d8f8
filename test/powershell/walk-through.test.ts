import { pesterSuite } from './pester-suite.js'

pesterSuite('walk-through')
