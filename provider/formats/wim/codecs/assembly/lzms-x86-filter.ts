/** Where the target computed from an address was last used, by its low 16 bits; distances are plus 65536. */
const lastUse = memory.data(65536 * 4, 16)

const LONGEST_USE: i32 = 65535
const WINDOW: i32 = 1023
const CALL_WINDOW: i32 = 511

/** Gives x86 code its relative addresses back; made for every chunk of more than 17 bytes, code or not. */
export function undoX86Filter(data: usize, size: usize): void {
  if (size <= 17) return
  memory.fill(lastUse, 0, 65536 * 4)
  let lastPosition: i32 = -1024
  const tail = <i32>size - 16
  let i: i32 = 1
  const e9 = i8x16.splat(<i8>0xe9)
  const one = i8x16.splat(1)
  const x48 = i8x16.splat(0x48)
  const fb = i8x16.splat(<i8>0xfb)
  const f0 = i8x16.splat(<i8>0xf0)
  const ff = i8x16.splat(<i8>0xff)
  while (i < tail) {
    const v = v128.load(data + i)
    const hits = v128.or(
      v128.or(i8x16.eq(v128.or(v, one), e9), i8x16.eq(v128.and(v, fb), x48)),
      v128.or(i8x16.eq(v, f0), i8x16.eq(v, ff)),
    )
    let mask = i8x16.bitmask(hits)
    const block = i
    i = block + 16
    while (mask !== 0) {
      const at = block + ctz(mask)
      if (at >= tail) return
      const opcode = opcodeLength(data + at)
      let next = at + 1
      if (opcode < 0) next = at + 5
      else if (opcode > 0) {
        const operand = data + at + opcode
        if (at - lastPosition <= (opcode === 1 ? CALL_WINDOW : WINDOW)) store<u32>(operand, load<u32>(operand) - at)
        const use = lastUse + (<usize>((at + load<u16>(operand)) & 0xffff) << 2)
        const end = at + opcode + 3
        const marked = end + 65536
        if (marked - load<i32>(use) <= LONGEST_USE) lastPosition = end
        store<i32>(use, marked)
        next = end + 1
      }
      if (next >= block + 16) {
        i = next
        break
      }
      mask &= -1 << (next - block)
      // An operand that was changed may hold other bytes than those the mask was made from.
      if (opcode > 0) {
        i = next
        break
      }
    }
  }
}

/** The bytes before the operand; 0 where it is no such opcode, -1 for a jump, which is skipped with its operand. */
// @ts-ignore: decorator
@inline
function opcodeLength(at: usize): i32 {
  const first = load<u8>(at)
  if (first === 0xe8) return 1
  if (first === 0xe9) return -1
  const second = load<u8>(at, 1)
  if (first === 0xff) return second === 0x15 ? 2 : 0
  const third = load<u8>(at, 2)
  if (first === 0xf0) return second === 0x83 && third === 0x05 ? 3 : 0
  if ((third & 7) !== 5) return 0
  if (second === 0x8d) return 3
  return second === 0x8b && first === 0x48 && (third & 0xf0) === 0 ? 3 : 0
}
