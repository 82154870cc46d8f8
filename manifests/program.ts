/** The version of package.json, as a constant: reading that file would cost a tenth of the start-up time. */
export const VERSION = '0.1.0'

/**
 * Under this name the package's programs leave what lies beside them before they load the one file. Alone, on a stick,
 * that loads nothing that lies around it.
 */
export const PACKAGE = 'containerimage.package'
