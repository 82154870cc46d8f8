/** One image of the pool that random sets are made of. */
export interface PoolImage {
  digest: string
  architecture: string
}

interface Held {
  digest: string
  /** Of the installation that gave the name: it goes with that. */
  installed: string
}

/** What a store should hold: for each name an image a machine. Images without a name are only known to be there. */
export class NamesModel {
  private names = new Map<string, Map<string, Held>>()

  /** A name for an image, in place of what had it for the same machine. */
  put(name: string, { digest, architecture }: PoolImage, installed = name): void {
    const machines = this.names.get(name) ?? new Map<string, Held>()
    machines.set(architecture, { digest, installed })
    this.names.set(name, machines)
  }

  /** Another name for all that has one: in its own repository it stays what was installed. */
  tag(from: string, to: string): void {
    const held = [...(this.names.get(from) ?? [])]
    for (const [architecture, { digest, installed }] of held)
      this.put(to, { digest, architecture }, repositoryOf(from) === repositoryOf(to) ? installed : to)
  }

  take(name: string): void {
    this.names.delete(name)
  }

  /** All names that an installation gave. */
  uninstall(installed: string): void {
    for (const [name, machines] of this.names) {
      for (const [architecture, held] of machines)
        if (held.installed === installed) machines.delete(architecture)
      if (machines.size === 0) this.names.delete(name)
    }
  }

  allNames(): string[] {
    return [...this.names.keys()].sort()
  }

  /** The names that an installation stands under. */
  installations(): string[] {
    return [
      ...new Set([...this.names.values()].flatMap((m) => [...m.values()].map((held) => held.installed))),
    ]
  }

  machinesOf(name: string): Map<string, string> {
    return new Map(
      [...(this.names.get(name) ?? [])].map(([architecture, { digest }]) => [architecture, digest]),
    )
  }

  /** A line a name and machine, sorted. */
  lines(): string[] {
    return [...this.names]
      .flatMap(([name, machines]) =>
        [...machines].map(([machine, { digest }]) => lineOf(name, machine, digest)),
      )
      .sort()
  }
}

export function lineOf(name: string, architecture: string, digest: string): string {
  return `${name} ${architecture} ${digest}`
}

export function repositoryOf(name: string): string {
  return name.slice(0, name.lastIndexOf(':'))
}
