export interface SearchHit {
  /** As `find` and `install` take it. */
  name: string
  /** One line for the reader; may be empty. */
  description: string
  /** Name of the source that has it. */
  source: string
  /** On Docker Hub: how many like it, and whether it is one of its own. */
  stars?: number
  /** On Docker Hub: whether it is one of the Hub's own. */
  official?: boolean
}
