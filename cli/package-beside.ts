import { PACKAGE } from '../manifests/program.js'

/** What the package's programs have left here: see scripts/bundle.ts. */
interface Beside {
  /** Keeps the code that V8 made in this run. */
  keepCode?(): Promise<void>
}

/** Whether it is the package that has loaded the one file. */
export function isOfPackage(): boolean {
  return beside() !== undefined
}

/** Keeps what makes the next run of this command start faster; the one file on its own keeps nothing. */
export async function keepCode(): Promise<void> {
  await beside()?.keepCode?.()
}

function beside(): Beside | undefined {
  return Reflect.get(globalThis, Symbol.for(PACKAGE))
}
