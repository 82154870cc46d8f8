/** Who a request is for and what it wants to do there. */
export interface Access {
  /** As the user writes it; credentials are kept under this name. */
  registry: string
  /** Where it is served. */
  origin: URL
  /** In the registry's own spelling; undefined for requests that belong to no repository. */
  repository?: string
  actions: 'pull' | 'pull,push' | 'pull,push,delete'
  /** Another repository of the registry that is read in the same request, as the registry names it. */
  mountFrom?: string
  signal?: AbortSignal
}
