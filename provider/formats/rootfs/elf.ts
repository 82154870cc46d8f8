/** e_machine of the ELF header, in the names of the image-spec (System V ABI, "ELF Header"; Go's GOARCH). */
const MACHINES: Record<number, [bits32: string | undefined, bits64: string | undefined]> = {
  3: ['386', undefined],
  8: ['mips', 'mips64'],
  20: ['ppc', undefined],
  21: [undefined, 'ppc64'],
  22: [undefined, 's390x'],
  40: ['arm', undefined],
  62: [undefined, 'amd64'],
  183: [undefined, 'arm64'],
  243: [undefined, 'riscv64'],
  258: [undefined, 'loong64'],
}

/** The architecture that a program is for, by its first 20 bytes; undefined where it is not an ELF file. */
export function elfArchitecture(head: Uint8Array): string | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length)
  if (bytes.length < 20 || bytes.readUInt32BE(0) !== 0x7f454c46) return undefined
  const is64 = bytes[4] === 2
  const little = bytes[5] === 1
  const machine = little ? bytes.readUInt16LE(18) : bytes.readUInt16BE(18)
  const name = MACHINES[machine]?.[is64 ? 1 : 0]
  return little && (name === 'ppc64' || name?.startsWith('mips')) ? `${name}le` : name
}
