/** Gives this process a clock of its own, by `CLOCK`: milliseconds that it is ahead, or `jumping`. */
export function setClock(clock = process.env.CLOCK): void {
  if (clock === undefined) return
  const { now } = Date
  const shifted = (): number => now() + (clock === 'jumping' ? (Math.random() - 0.5) * 1e10 : Number(clock))
  globalThis.Date = new Proxy(Date, {
    construct: (target, args) => Reflect.construct(target, args.length === 0 ? [shifted()] : args),
    get: (target, name) => (name === 'now' ? shifted : Reflect.get(target, name)),
  })
}
