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
  | 'registry'
  | 'words'

/** One thing that somebody hostile could bring. */
export interface HostileInput {
  /** In words; for tests by name. */
  what: string
  takenAs: TakenAs
  /** Milliseconds after which a command is told to stop, where what is brought never comes to an end. */
  patience?: number | undefined
  /**
   * Makes it in a folder of its own; returns its path, or the word that it is.
   * @param atEnd takes what ends whatever was started for it
   */
  make(folder: string, atEnd: (end: () => Promise<void>) => void): string | Promise<string>
}
