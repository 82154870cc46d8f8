/**
 * Copies a match. May write up to 15 bytes beyond its end: they are overwritten later, or are in the slack
 * that every output has.
 */
// @ts-ignore: decorator
@inline
export function copyMatch(out: usize, offset: usize, length: usize): void {
  const end = out + length
  let from = out - offset
  if (offset >= 16) {
    do {
      v128.store(out, v128.load(from))
      out += 16
      from += 16
    } while (out < end)
  } else if (offset >= 8) {
    do {
      store<u64>(out, load<u64>(from))
      out += 8
      from += 8
    } while (out < end)
  } else if (offset === 1) {
    const all = i8x16.splat(load<u8>(from))
    do {
      v128.store(out, all)
      out += 16
    } while (out < end)
  } else {
    do {
      store<u8>(out, load<u8>(from))
      out++
      from++
    } while (out < end)
  }
}
