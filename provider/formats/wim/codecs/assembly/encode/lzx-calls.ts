const FILE_SIZE: i32 = 12_000_000

/** Makes the targets of x86 calls absolute, so that calls of one function look alike; in every chunk. */
export function translateCalls(data: usize, size: usize): void {
  if (size <= 10) return
  const end = data + size - 10
  const e8 = i8x16.splat(<i8>0xe8)
  let i = data
  while (i < end) {
    const mask = i8x16.bitmask(i8x16.eq(v128.load(i), e8))
    if (mask === 0) {
      i += 16
      continue
    }
    i += ctz(mask)
    if (i >= end) break
    const target = load<i32>(i, 1)
    const position = <i32>(i - data)
    if (target >= -position && target < FILE_SIZE - position) store<i32>(i, target + position, 1)
    else if (target >= FILE_SIZE - position && target < FILE_SIZE) store<i32>(i, target - FILE_SIZE, 1)
    i += 5
  }
}
