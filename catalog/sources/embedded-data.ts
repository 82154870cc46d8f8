import { DOTNET_IMAGES } from './embedded-dotnet.js'
import type { EmbeddedImage } from './embedded-image.js'
import { LINUX_IMAGES } from './embedded-linux.js'
import { WINDOWS_IMAGES } from './embedded-windows.js'

/**
 * The built-in catalog: repositories, and the tags that public documents name, with the day and the document.
 */
export const EMBEDDED_IMAGES: EmbeddedImage[] = [...WINDOWS_IMAGES, ...LINUX_IMAGES, ...DOTNET_IMAGES]
