import { expect } from 'chai'
import { checkFileSizes, FAT_LARGEST, largestFile } from '../../../../provider/io/files/largest-file.js'
import { scratch } from '../../../scratch.js'
import { exitCode, failure } from '../../verbs/failure.js'

describe('the largest file that a file system takes', () => {
  const temporary = scratch()
  afterEach(() => temporary.remove())

  const onFat = async (): Promise<number> => FAT_LARGEST
  const files = [
    { label: 'blob one', size: 10 },
    { label: 'blob two', size: 5e9 },
  ]

  it('is asked for before anything is written, with the option that would work', async () => {
    const error = await failure(checkFileSizes('/media/stick', files, onFat), 'FILE_TOO_LARGE')
    expect(error.message).to.contain('/media/stick').and.to.contain('blob two')
    expect(error.found).to.equal('5.00 GB')
    expect(error.remedy).to.contain('`volumeSize` fat32')
    expect(exitCode(error)).to.equal(6)
  })

  it('is not asked for where every file is small enough for any', async () => {
    await checkFileSizes('/nowhere', [{ label: 'blob', size: FAT_LARGEST }], async () => {
      throw new Error('asked')
    })
  })

  it('is without a limit on the disks of this machine', async () => {
    const folder = temporary.folder()
    expect(await largestFile(folder)).to.equal(undefined)
    await checkFileSizes(folder, files)
  })
})
