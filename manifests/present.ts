/**
 * The members of an object that have a value. Usually an undefined member is as good as none; this is for
 * places where it matters: objects that are merged over something else, or printed, compared or listed member
 * by member.
 */
export function present<const T extends object>(members: T): Present<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Present<T>
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> } & {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K]
}
