import type { EmbeddedImage } from './embedded-image.js'

export const EMBEDDED_IMAGES: EmbeddedImage[] = []
