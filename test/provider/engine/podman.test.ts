import { podmanAsEngine } from './podman-suite.js'

podmanAsEngine('podman as an engine, by itself', false)
