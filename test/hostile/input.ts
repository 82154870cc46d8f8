/** What commands take an input for; `commands.ts` says which. */
export type TakenAs =
  | 'image'
  | 'rootfs'
  | 'wim'
  | 'media'
  | 'receipts'
  | 'inventory'
  | 'set'
  | 'index'
  | 'advisories'
  | 'database'
  | 'vex'
  | 'settings'
  | 'recovery'
  | 'words'

/** One thing that somebody hostile could bring. */
export interface HostileInput {
  /** In words; for tests by name. */
  what: string
  takenAs: TakenAs
  /** Makes it in a folder of its own; returns its path, or the word that it is. */
  make(folder: string): string | Promise<string>
}
