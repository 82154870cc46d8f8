/** The most symbols of any alphabet here: LZX with the largest window. */
const MAX_SYMBOLS: usize = 656
const DEPTHS: usize = 64

/** Symbols with their frequencies, frequency in the upper 32 bits: least frequent first once sorted. */
const leaves = memory.data(656 * 8, 8)
const sorting = memory.data(656 * 8, 8)
const buckets = memory.data(257 * 4, 8)
const weights = memory.data(656 * 4, 8)
const leafParents = memory.data(656 * 2, 8)
const nodeParents = memory.data(656 * 2, 8)
const depths = memory.data(656, 8)
const counts = memory.data(64 * 4, 8)

/**
 * The lengths (u8) of a code for symbols of these frequencies (u32), none longer than `maxBits`. If only one
 * symbol is used, a second one is added, as not all decoders accept a code with a single word. False if no
 * symbol is used: then all lengths are 0.
 */
export function buildLengths(frequencies: usize, symbols: u32, maxBits: u32, lengths: usize): bool {
  memory.fill(lengths, 0, symbols)
  let used: u32 = 0
  let most: u32 = 0
  for (let i: usize = 0; i < symbols; i++) {
    const frequency = load<u32>(frequencies + (i << 2))
    if (frequency === 0) continue
    store<u64>(leaves + (<usize>used << 3), ((<u64>frequency) << 32) | <u64>i)
    if (frequency > most) most = frequency
    used++
  }
  if (used === 0) return false
  if (used === 1) {
    const only = <u32>load<u64>(leaves)
    store<u8>(lengths + only, 1)
    store<u8>(lengths + (only === 0 ? 1 : 0), 1)
    return true
  }
  const sorted = sortLeaves(used, most)
  joinNodes(sorted, used)
  countDepths(used)
  limitDepths(maxBits)
  // The least frequent get the longest words.
  let at = sorted
  for (let length = maxBits; length > 0; length--)
    for (let left = load<u32>(counts + (<usize>length << 2)); left > 0; left--) {
      store<u8>(lengths + load<u32>(at), length)
      at += 8
    }
  return true
}

/** Sorts by frequency, eight bits at a time; symbols of one frequency keep their order. */
function sortLeaves(used: u32, most: u32): usize {
  let from = leaves
  let to = sorting
  for (let shift: u64 = 32; most > 0; shift += 8, most >>= 8) {
    memory.fill(buckets, 0, 257 << 2)
    const end = from + (<usize>used << 3)
    for (let at = from; at < end; at += 8) {
      const bucket = buckets + 4 + (<usize>((load<u64>(at) >> shift) & 255) << 2)
      store<u32>(bucket, load<u32>(bucket) + 1)
    }
    let sum: u32 = 0
    for (let bucket = buckets; bucket < buckets + (256 << 2); bucket += 4) {
      sum += load<u32>(bucket)
      store<u32>(bucket, sum)
    }
    for (let at = from; at < end; at += 8) {
      const leaf = load<u64>(at)
      const bucket = buckets + (<usize>((leaf >> shift) & 255) << 2)
      const place = load<u32>(bucket)
      store<u32>(bucket, place + 1)
      store<u64>(to + (<usize>place << 3), leaf)
    }
    const other = from
    from = to
    to = other
  }
  return from
}

/** Huffman's tree with two queues: leaves and nodes both come in the order of their weight. */
function joinNodes(sorted: usize, used: u32): void {
  let leaf: u32 = 0
  let node: u32 = 0
  for (let made: u32 = 0; made < used - 1; made++) {
    let weight: u32 = 0
    for (let i = 0; i < 2; i++) {
      const leafWeight = leaf < used ? load<u32>(sorted + (<usize>leaf << 3), 4) : u32.MAX_VALUE
      const nodeWeight = node < made ? load<u32>(weights + (<usize>node << 2)) : u32.MAX_VALUE
      if (leafWeight <= nodeWeight) {
        store<u16>(leafParents + (<usize>leaf << 1), made)
        weight += leafWeight
        leaf++
      } else {
        store<u16>(nodeParents + (<usize>node << 1), made)
        weight += nodeWeight
        node++
      }
    }
    store<u32>(weights + (<usize>made << 2), weight)
  }
}

/** How many leaves stand at each depth. */
function countDepths(used: u32): void {
  memory.fill(counts, 0, DEPTHS << 2)
  const root = used - 2
  store<u8>(depths + root, 0)
  for (let node = root; node > 0; node--)
    store<u8>(depths + node - 1, load<u8>(depths + load<u16>(nodeParents + (<usize>(node - 1) << 1))) + 1)
  for (let leaf: usize = 0; leaf < used; leaf++) {
    const depth = <usize>load<u8>(depths + load<u16>(leafParents + (leaf << 1))) + 1
    const at = counts + (depth << 2)
    store<u32>(at, load<u32>(at) + 1)
  }
}

/** Takes what is too deep up to the limit, and makes room for it by moving others down. */
function limitDepths(maxBits: u32): void {
  let excess: u64 = 0
  for (let depth: usize = DEPTHS - 1; depth > maxBits; depth--) {
    const at = counts + (depth << 2)
    const limit = counts + (<usize>maxBits << 2)
    store<u32>(limit, load<u32>(limit) + load<u32>(at))
    store<u32>(at, 0)
  }
  for (let depth: u32 = 1; depth <= maxBits; depth++)
    excess += <u64>load<u32>(counts + (<usize>depth << 2)) << (maxBits - depth)
  for (; excess > 1 << maxBits; excess--) {
    let depth = maxBits - 1
    while (load<u32>(counts + (<usize>depth << 2)) === 0) depth--
    const at = counts + (<usize>depth << 2)
    const limit = counts + (<usize>maxBits << 2)
    // A leaf becomes a node of two: itself and one from the limit.
    store<u32>(at, load<u32>(at) - 1)
    store<u32>(at, load<u32>(at, 4) + 2, 4)
    store<u32>(limit, load<u32>(limit) - 1)
  }
}

const nextCodes = memory.data(17 * 4, 8)

/** The canonical code words of lengths: (word << 5 | length) as u32 for each symbol. */
export function buildWords(lengths: usize, symbols: u32, words: usize): void {
  memory.fill(counts, 0, 17 << 2)
  for (let i: usize = 0; i < symbols; i++) {
    const at = counts + (<usize>load<u8>(lengths + i) << 2)
    store<u32>(at, load<u32>(at) + 1)
  }
  store<u32>(counts, 0)
  let word: u32 = 0
  for (let length: usize = 1; length <= 16; length++) {
    word = (word + load<u32>(counts + ((length - 1) << 2))) << 1
    store<u32>(nextCodes + (length << 2), word)
  }
  for (let i: usize = 0; i < symbols; i++) {
    const length = <usize>load<u8>(lengths + i)
    const at = nextCodes + (length << 2)
    const next = load<u32>(at)
    store<u32>(words + (i << 2), (next << 5) | <u32>length)
    if (length > 0) store<u32>(at, next + 1)
  }
}
