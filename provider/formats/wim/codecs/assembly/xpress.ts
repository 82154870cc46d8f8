import { copyMatch } from './copy'
import { buildFromLengths, LONG } from './huffman'

const ROOT_BITS: u32 = 11
const MAX_BITS: u32 = 15
const lengths = memory.data(512, 8)
const root = memory.data(2 << 11, 8)
const long = memory.data(2 * 8192, 8)

/** Expands one XPRESS chunk ([MS-XCA] 2.2: LZ77 + Huffman); false where it is damaged. */
export function decompressXpress(input: usize, inputSize: usize, output: usize, outputSize: usize): bool {
  if (inputSize < 260) return false
  for (let i: usize = 0; i < 256; i++) {
    const pair = load<u8>(input + i)
    store<u16>(lengths + 2 * i, (pair & 15) | (<u16>(pair >> 4) << 8))
  }
  const longBase = buildFromLengths(lengths, 512, ROOT_BITS, MAX_BITS, root, long)
  if (longBase < 0) return false

  const inputEnd = input + inputSize
  const outputEnd = output + outputSize
  let at = input + 260
  let buffer: u32 = (<u32>load<u16>(input, 256) << 16) | load<u16>(input, 258)
  let bits: i32 = 32
  let out = output
  while (out < outputEnd) {
    let entry: u32 = load<u16>(root + (<usize>(buffer >> 21) << 1))
    if (entry === LONG) entry = load<u16>(long + (<usize>((buffer >> 17) - longBase) << 1))
    const used = (entry & 15) + 1
    buffer <<= used
    bits -= used
    // Length bytes stand between the words, so exactly one word is fetched whenever 16 bits are free.
    if (bits < 16) {
      if (at > inputEnd) return false
      buffer |= <u32>load<u16>(at) << (16 - bits)
      at += 2
      bits += 16
    }
    const symbol = entry >> 4
    if (symbol < 256) {
      store<u8>(out, symbol)
      out++
      continue
    }
    if (symbol > 511) return false
    let length: usize = symbol & 15
    const power = (symbol >> 4) & 15
    if (length === 15) {
      if (at >= inputEnd) return false
      length = 15 + load<u8>(at)
      at++
      if (length === 270) {
        if (at + 2 > inputEnd) return false
        length = load<u16>(at)
        at += 2
      }
    }
    length += 3
    const offset = <usize>((1 << power) | ((buffer >> 1) >> (31 - power)))
    buffer <<= power
    bits -= power
    if (bits < 16) {
      if (at > inputEnd) return false
      buffer |= <u32>load<u16>(at) << (16 - bits)
      at += 2
      bits += 16
    }
    if (offset > out - output || length > outputEnd - out) return false
    copyMatch(out, offset, length)
    out += length
  }
  return true
}
