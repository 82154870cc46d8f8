import { pesterSuite } from './pester-suite.js'

pesterSuite('pipeline')
