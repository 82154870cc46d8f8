/** The version of package.json, as a constant: reading that file would cost a tenth of the start-up time. */
export const VERSION = '0.1.0'
