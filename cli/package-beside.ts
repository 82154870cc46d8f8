/**
 * Under this name the package's programs leave what lies beside them before they load the one file. Alone, on a stick,
 * that loads nothing that lies around it.
 */
export const PACKAGE = 'containerimage.package'

/** Whether it is the package that has loaded the one file. */
export function isOfPackage(): boolean {
  return Symbol.for(PACKAGE) in globalThis
}
