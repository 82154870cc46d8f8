/** Lengths of a prefix code for some frequencies, none longer than the limit; integers only, so the same everywhere. */
export function codeLengths(frequencies: Uint32Array, limit: number): Uint8Array {
  const lengths = new Uint8Array(frequencies.length)
  const symbols: number[] = []
  for (let i = 0; i < frequencies.length; i++) if (frequencies[i]) symbols.push(i)
  if (symbols.length === 0) return lengths
  if (symbols.length === 1) {
    lengths[symbols[0] as number] = 1
    return lengths
  }
  const weight = (i: number): number => frequencies[i] ?? 0
  symbols.sort((a, b) => weight(a) - weight(b) || a - b)
  const depths = treeDepths(symbols.map(weight))
  const counts = limited(depths, limit)
  // The longest codes go to the rarest symbols.
  let next = 0
  for (let length = limit; length > 0; length--)
    for (let left = counts[length] ?? 0; left > 0; left--) lengths[symbols[next++] as number] = length
  return lengths
}

/** Depths of the leaves of a Huffman tree over ascending weights. */
function treeDepths(weights: number[]): number[] {
  const leaves = weights.length
  const sums = new Float64Array(2 * leaves - 1)
  sums.set(weights)
  const parents = new Int32Array(2 * leaves - 1)
  let leaf = 0
  let inner = leaves
  const lightest = (made: number): number =>
    leaf < leaves && (inner >= made || (sums[leaf] ?? 0) <= (sums[inner] ?? 0)) ? leaf++ : inner++
  for (let made = leaves; made < 2 * leaves - 1; made++) {
    const one = lightest(made)
    const two = lightest(made)
    sums[made] = (sums[one] ?? 0) + (sums[two] ?? 0)
    parents[one] = made
    parents[two] = made
  }
  const depths = new Int32Array(2 * leaves - 1)
  for (let node = 2 * leaves - 3; node >= 0; node--) depths[node] = (depths[parents[node] ?? 0] ?? 0) + 1
  return Array.from(depths.subarray(0, leaves))
}

/** How many codes have each length, once those that are too long have been shortened (Kraft's sum stays 1). */
function limited(depths: number[], limit: number): number[] {
  const counts = new Array<number>(limit + 1).fill(0)
  for (const depth of depths) counts[Math.min(depth, limit)] = (counts[Math.min(depth, limit)] ?? 0) + 1
  let sum = 0
  for (let length = 1; length <= limit; length++) sum += (counts[length] ?? 0) * 2 ** (limit - length)
  for (let excess = sum - 2 ** limit; excess > 0; excess--) {
    let length = limit - 1
    while (counts[length] === 0) length--
    counts[length] = (counts[length] ?? 0) - 1
    counts[length + 1] = (counts[length + 1] ?? 0) + 2
    counts[limit] = (counts[limit] ?? 0) - 1
  }
  return counts
}

/** The codes of given lengths, canonical, their bits reversed as deflate writes them (RFC 1951, 3.2.2). */
export function codesOf(lengths: Uint8Array): Uint16Array {
  const counts = new Uint16Array(17)
  for (const length of lengths) if (length > 0) counts[length] = (counts[length] ?? 0) + 1
  const next = new Uint16Array(17)
  for (let bits = 1; bits < 16; bits++) next[bits + 1] = ((next[bits] ?? 0) + (counts[bits] ?? 0)) << 1
  const codes = new Uint16Array(lengths.length)
  lengths.forEach((length, symbol) => {
    if (length === 0) return
    const code = next[length] ?? 0
    next[length] = code + 1
    codes[symbol] = reversed(code, length)
  })
  return codes
}

function reversed(code: number, bits: number): number {
  let result = 0
  for (let i = 0; i < bits; i++) result |= ((code >>> i) & 1) << (bits - 1 - i)
  return result
}
