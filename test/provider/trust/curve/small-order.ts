const P = 2n ** 255n - 19n
const ORDER_EIGHT = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n

/** Every way in which a point of small order can be written in 32 bytes, with either sign of x. */
export function smallOrder(): Buffer[] {
  const all = [0n, 1n, P - 1n, ORDER_EIGHT, P - ORDER_EIGHT, P, P + 1n]
  return all.flatMap((y) => [y, y | (1n << 255n)]).map(written)
}

function written(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse()
}
