import { expect } from 'chai'
import { ContainerImageError, type Descriptor, digestOf, type ErrorCode } from '../../../manifests/index.js'
import type { Bytes } from '../../../provider/io/bytes.js'
import { RegistryClient } from '../../../provider/registry/client.js'
import type { ClientOptions } from '../../../provider/registry/settings.js'

/** A client that loses patience quickly and looks for nothing outside of the test. */
export function impatientClient(options: ClientOptions = {}): RegistryClient {
  return new RegistryClient({
    environment: {},
    timeouts: { connect: 1000, headers: 200, bodyIdle: 150 },
    retry: { retries: 3, pause: 1, longestPause: 1000 },
    ...options,
  })
}

export async function all(bytes: Bytes): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of bytes) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

export function blob(bytes: Buffer, mediaType = 'application/octet-stream'): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length }
}

/** The error of ours that a promise fails with; with the code that is expected, and of the source's side. */
export async function failure(promise: Promise<unknown>, code: ErrorCode): Promise<ContainerImageError> {
  const error = await promise.then(
    (value) => expect.fail(`no error, but ${JSON.stringify(value)?.slice(0, 200)}`),
    (reason: unknown) => reason,
  )
  if (!(error instanceof ContainerImageError)) throw error
  expect(error.code, error.message).to.equal(code)
  return error
}
