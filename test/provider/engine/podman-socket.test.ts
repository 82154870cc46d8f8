import { podmanAsEngine } from './podman-suite.js'

podmanAsEngine('podman as an engine, behind its socket', true)
