/** Whom a request is to and what it wants to do there. */
export interface Access {
  /** As the user writes it; credentials are kept under this name. */
  registry: string
  /** Where it is served. */
  origin: URL
  /** As the registry wants it; undefined for what belongs to no repository. */
  repository?: string
  actions: 'pull' | 'pull,push' | 'pull,push,delete'
  /** Another repository of the registry that is read in the same request, as the registry names it. */
  mountFrom?: string
  signal?: AbortSignal
}
