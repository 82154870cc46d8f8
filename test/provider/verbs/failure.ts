import { expect } from 'chai'
import { ContainerImageError, ERROR_CODES, type ErrorCode } from '../../../manifests/index.js'

/** The error of ours that a promise fails with; fails itself where there is none, or one of another code. */
export async function failure(promise: Promise<unknown>, code: ErrorCode): Promise<ContainerImageError> {
  const error = await promise.then(
    (value) => expect.fail(`${code} was expected, and not ${JSON.stringify(value)?.slice(0, 300)}`),
    (reason: unknown) => reason,
  )
  if (!(error instanceof ContainerImageError)) throw error
  expect(error.code, error.message).to.equal(code)
  return error
}

export function exitCode(error: ContainerImageError): number {
  return ERROR_CODES[error.code].exit
}
