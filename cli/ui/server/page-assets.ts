/**
 * The files of the page, by their paths: gzip in base64. scripts/bundle makes them from cli/ui/page, and writes them
 * into the compiled form of this module, from which they get into the one file.
 */
export const PAGE_ASSETS: Record<string, string> = {}
