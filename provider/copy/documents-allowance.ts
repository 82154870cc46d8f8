import { ContainerImageError, type Descriptor } from '../../manifests/index.js'

/** All documents of a copy are kept in memory; a thousand images have a few megabytes of them. */
const DOCUMENTS_LIMIT = 64 * 1024 * 1024

/**
 * The total that the manifests, indexes and configs of one source may come to, however small each of them is.
 */
export class DocumentsAllowance {
  private bytes = 0

  /** @param label where they come from, for the message */
  constructor(private readonly label: string) {}

  /** @throws DOCUMENT_TOO_LARGE */
  take({ size }: Descriptor): void {
    this.bytes += size
    if (this.isSpent) throw this.tooMany()
  }

  get isSpent(): boolean {
    return this.bytes > DOCUMENTS_LIMIT
  }

  private tooMany(): ContainerImageError {
    return new ContainerImageError(
      'DOCUMENT_TOO_LARGE',
      `${this.label}: the manifests together are too large.`,
      {
        side: 'source',
        expected: `at most ${DOCUMENTS_LIMIT} bytes of manifests, indexes and configs`,
        found: 'more',
      },
    )
  }
}
