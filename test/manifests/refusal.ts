import { expect } from 'chai'
import { ContainerImageError, type ErrorCode, type Problem } from '../../manifests/index.js'

/** The error of the project that a call throws; fails where it throws none, or another one. */
export function refusal(call: () => unknown, code: ErrorCode): ContainerImageError {
  try {
    call()
  } catch (error) {
    if (!(error instanceof ContainerImageError)) throw error
    expect(error.code, error.message).to.equal(code)
    return error
  }
  throw new Error(`Nothing was thrown where ${code} was expected.`)
}

/** The problems that an INVALID_DOCUMENT lists. */
export function problemsOf(call: () => unknown): Problem[] {
  return refusal(call, 'INVALID_DOCUMENT').details?.problems as Problem[]
}

/** Where in the document the problems are, in the order in which they were found. */
export function placesOf(call: () => unknown): string[] {
  return problemsOf(call).map((problem) => problem.where)
}
