/** Which files say what library they belong to: the paths of the readers of libraries. */
const MANIFESTS =
  /(?:^|\/)(?:package\.json|[^/]+\.(?:dist-info\/METADATA|egg-info\/PKG-INFO|egg-info|gemspec|deps\.json|jar|war|ear)|EGG-INFO\/PKG-INFO)$|^usr\/(?:local\/)?s?bin\/|^s?bin\//

/**
 * Whether a library may be known by this file, or by this program, so that it matters whether a package of the
 * distribution brought it.
 */
export function isLibraryManifest(path: string): boolean {
  return MANIFESTS.test(path)
}
