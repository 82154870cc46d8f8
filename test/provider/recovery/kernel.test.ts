import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { bases, coefficient, inverse } from '../../../provider/recovery/galois.js'
import { invert } from '../../../provider/recovery/invert.js'
import { compileKernel, Kernel, makeMemory } from '../../../provider/recovery/kernel/kernel.js'
import * as script from '../../../scripts/build-recovery-kernel.js'
import { bytes } from './sample-files.js'

describe('the recovery kernel', () => {
  it('is what its sources compile to', async () => {
    expect(await script.compileKernel()).to.equal(readFileSync(script.EMBEDDED, 'utf8'))
  })

  it('multiplies and adds as the field says', () => {
    const kernel = new Kernel(compileKernel(), makeMemory(1 << 20))
    const [inputs, length, coefficients] = [3, 96, [1, 0, 0xffff, 0x8000, 0x1234, 2]]
    const [raw, split, rows, list] = [0, 1, 2, 3].map((i) => kernel.base + 4096 * (i + 1)) as [
      number,
      number,
      number,
      number,
    ]
    kernel.bytes.set(bytes(inputs * length, 5), raw)
    for (const [i, one] of coefficients.entries()) kernel.bytes.writeUInt16LE(one, list + 2 * i)
    for (let i = 0; i < inputs; i++) kernel.split(split + i * length, raw + i * length, length)
    kernel.multiply(
      {
        ...{ rows, rowStride: length, rowCount: 2, inputs: split, inputStride: length, inputCount: inputs },
        ...{ length, coefficients: list, coefficientStride: 2 * inputs },
      },
      kernel.base,
    )
    for (let row = 0; row < 2; row++) {
      kernel.join(rows + row * length, rows + row * length, length)
      for (let word = 0; word < length / 2; word++) {
        let sum = 0
        for (let i = 0; i < inputs; i++)
          sum ^= product(
            coefficients[row * inputs + i] ?? 0,
            kernel.bytes.readUInt16LE(raw + i * length + word * 2),
          )
        expect(kernel.bytes.readUInt16LE(rows + row * length + word * 2)).to.equal(sum)
      }
    }
  })
})

describe('the field of PAR 2.0', () => {
  it('has 32768 bases, of which the first are those of the specification', () => {
    const list = bases(32768)
    expect([...list.subarray(0, 8)]).to.deep.equal([1, 2, 4, 7, 8, 11, 13, 14])
    expect(list.at(-1)).to.equal(65534)
  })

  it('has an inverse for each word', () => {
    for (const word of [1, 2, 3, 0x1234, 0x8000, 0xffff]) expect(product(word, inverse(word))).to.equal(1)
  })

  it('inverts matrices, also of exponents with gaps', async () => {
    const [lost, exponents] = [
      [1, 2, 8, 11, 4001],
      [7, 0, 900, 3, 12],
    ]
    const solved = await invert(lost, exponents)
    const matrix = solved?.matrix ?? new Uint16Array()
    const used = solved?.exponents ?? []
    expect(used).to.have.members(exponents)
    for (let row = 0; row < 5; row++)
      for (let column = 0; column < 5; column++) {
        let sum = 0
        for (let i = 0; i < 5; i++)
          sum ^= product(matrix[row * 5 + i] ?? 0, coefficient(lost[column] ?? 0, used[i] ?? 0))
        expect(sum).to.equal(row === column ? 1 : 0)
      }
  })

  it('takes another recovery slice where some depend on each other', async () => {
    // 2^b to the power of e is the same for both bases where 65535 divides e * (b - c).
    const [one, other] = [1, 1 + 65535 / 257]
    const solved = await invert([one, other], [0, 257, 1])
    expect(solved?.exponents).to.have.members([0, 1])
    expect(await invert([one, other], [0, 257])).to.equal(undefined)
  })
})

/** A product by the definition: bit by bit. */
function product(a: number, b: number): number {
  let sum = 0
  for (let bit = 15; bit >= 0; bit--) {
    sum <<= 1
    if (sum & 0x10000) sum ^= 0x1100b
    if ((b >> bit) & 1) sum ^= a
  }
  return sum
}
