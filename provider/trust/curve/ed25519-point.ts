/** The field and the curve of Ed25519 (RFC 8032, 5.1). */
const P = 2n ** 255n - 19n
const D = field(-121665n * power(121666n, P - 2n))
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n)

/** The y of two of the four points of order eight; the others have its negative. */
const ORDER_EIGHT = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n

/** The eight points of small order have these y, and no other point has one of them. */
const SMALL = new Set([0n, 1n, P - 1n, ORDER_EIGHT, P - ORDER_EIGHT])

/**
 * What is wrong with the raw bytes of an Ed25519 key; undefined if nobody but the owner of its secret can sign for it.
 * A point of small order is the key of anybody: signatures can be made for it without a secret, for any message.
 */
export function ed25519Fault(bytes: Uint8Array): string | undefined {
  const number = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
  const y = BigInt.asUintN(255, number)
  // Before everything else: these may also be written in a way that RFC 8032 does not allow.
  if (SMALL.has(field(y))) return 'a point of small order, for which anybody can sign'
  if (y >= P) return 'a point that is not written as RFC 8032 demands'
  return isOnCurve(y) ? undefined : 'no point of the curve'
}

/** Whether there is an x with -x^2 + y^2 = 1 + d x^2 y^2: x is 0 only for two points of small order. */
function isOnCurve(y: bigint): boolean {
  const square = field((y * y - 1n) * power(field(D * y * y + 1n), P - 2n))
  const root = power(square, (P + 3n) / 8n)
  return [root, field(root * ROOT_OF_MINUS_ONE)].some((x) => field(x * x) === square)
}

function field(number: bigint): bigint {
  return ((number % P) + P) % P
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, field(base)]
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = field(result * square)
    square = field(square * square)
  }
  return result
}
