/** Which files say what library they belong to: the paths of the readers of libraries. */
const MANIFESTS =
  /(?:^|\/)(?:package\.json|[^/]+\.(?:dist-info\/METADATA|egg-info\/PKG-INFO|egg-info|gemspec|deps\.json|jar|war|ear)|EGG-INFO\/PKG-INFO)$|^usr\/(?:local\/)?s?bin\/|^s?bin\//

/**
 * Whether this file, or this program, may identify a library, so that it matters whether it came with a
 * distribution package.
 */
export function isLibraryManifest(path: string): boolean {
  return MANIFESTS.test(path)
}
