import { IMAGES } from './image-scenarios.js'
import { sampleOf } from './sample.js'

sampleOf(
  'a call that fails, or that the process does not live through: images that are made, repairs',
  IMAGES,
)
