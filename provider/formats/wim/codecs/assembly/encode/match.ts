/** How many bytes are equal at two places, from `start` known ones on and at most `limit`. */
// @ts-ignore: decorator
@inline
export function matchLength(at: usize, from: usize, start: usize, limit: usize): usize {
  let length = start
  while (length + 8 <= limit) {
    const difference = load<u64>(at + length) ^ load<u64>(from + length)
    if (difference !== 0) return length + (<usize>ctz(difference) >> 3)
    length += 8
  }
  while (length < limit && load<u8>(at + length) === load<u8>(from + length)) length++
  return length
}

// @ts-ignore: decorator
@inline
export function bitLength(value: u32): u32 {
  return 31 - clz(value)
}
