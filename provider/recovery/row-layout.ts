import { align, GROUP_BYTES, TABLES_BYTES } from './kernel/kernel.js'

/** Rows that are worked on at once may take this many bytes; with more, the work goes in several passes. */
const ROW_BYTES = 80 << 20
/** Of inputs that are read while as many others are worked on. */
const INPUT_BYTES = 16 << 20
const COEFFICIENT_BYTES = 4 << 20
/** So that long slices are not processed two or three at a time: rows go through the cache once per batch. */
const LEAST_BATCH = 16
const MOST_BATCH = 256
/** What of a batch stays in a processor's second cache, in bytes. */
const SCRATCH_BYTES = 512 << 10
const MOST_COLUMN = 16 << 10
const MOST_SOLVED_COLUMN = 8 << 10
const LEAST_SOLVED_COLUMN = 256

/** Where everything lies in the memory that the workers share; addresses and bytes. */
export interface RowLayout {
  /** Columns of all slices that are worked on in one pass. */
  width: number
  /** How many inputs are read at once. */
  batch: number
  counter: number
  tables: number
  scratch: number
  scratchSize: number
  column: number
  matrix: number
  coefficients: [number, number]
  inputs: [number, number]
  /** In place of inputs, when all are worked in. */
  solveScratch: number
  solveScratchSize: number
  solvedColumn: number
  rows: number
  end: number
}

export interface RowNeeds {
  base: number
  rows: number
  sources: number
  sliceSize: number
  workers: number
  solved: boolean
}

/** Divides a memory of at most about 130 MB, whatever the number and size of the slices. */
export function layoutRows({ base, rows, sources, sliceSize, workers, solved }: RowNeeds): RowLayout {
  const groups = (bytes: number): number => Math.max(GROUP_BYTES, bytes - (bytes % GROUP_BYTES))
  const most = groups(Math.floor(Math.min(ROW_BYTES / rows, INPUT_BYTES / LEAST_BATCH)))
  const passes = Math.ceil(sliceSize / most)
  const width = align(Math.ceil(sliceSize / passes), GROUP_BYTES)
  const fitting = Math.min(INPUT_BYTES / width, COEFFICIENT_BYTES / (rows * 2), MOST_BATCH, sources)
  const batch = Math.max(1, Math.floor(fitting))
  const share = align(Math.ceil(width / (4 * workers)), GROUP_BYTES)
  const column = Math.min(MOST_COLUMN, groups(Math.floor(SCRATCH_BYTES / batch)), share)
  const inputSize = align(batch * width, 64)
  const leastSolved = Math.min(LEAST_SOLVED_COLUMN, width)
  const area = Math.max(2 * inputSize, solved ? workers * rows * leastSolved : 0)
  const solveScratchSize = align(Math.floor(area / workers) - 63, 64)
  const coefficientSize = align(batch * rows * 2, 64)

  let end = base
  const take = (size: number): number => {
    const address = end
    end = align(end + size, 64)
    return address
  }
  const counter = take(64)
  const tables = take(workers * TABLES_BYTES)
  const scratchSize = align(batch * column, 64)
  const scratch = take(workers * scratchSize)
  const matrix = take(solved ? rows * rows * 2 : 0)
  const coefficients: [number, number] = [take(coefficientSize), take(coefficientSize)]
  const first = take(area)
  return {
    ...{ width, batch, counter, tables, scratch, scratchSize, column, matrix, coefficients },
    inputs: [first, first + inputSize],
    solveScratch: first,
    solveScratchSize,
    solvedColumn: Math.min(MOST_SOLVED_COLUMN, groups(Math.floor(solveScratchSize / rows))),
    rows: take(rows * width),
    end,
  }
}
