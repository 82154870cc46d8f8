const END = '*/'
/** Stands for the end of a comment; scripts/bundle sees to it that no chunk has it. */
export const STAND_IN = '*#/'

/** A chunk as it stands in a comment. */
export function inComment(chunk: string): string {
  return chunk.replaceAll(END, STAND_IN)
}

/** The chunk that stands in a comment. */
export function outOfComment(text: string): string {
  return text.replaceAll(STAND_IN, END)
}
