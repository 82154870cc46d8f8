/** Keys of the image-spec (annotations.md), of containerd, and our own. */
export const ANNOTATIONS = {
  refName: 'org.opencontainers.image.ref.name',
  created: 'org.opencontainers.image.created',
  vendor: 'org.opencontainers.image.vendor',
  title: 'org.opencontainers.image.title',
  version: 'org.opencontainers.image.version',
  description: 'org.opencontainers.image.description',
  /** The image that this one is made from. */
  baseName: 'org.opencontainers.image.base.name',
  /** Of its manifest. */
  baseDigest: 'org.opencontainers.image.base.digest',
  /** The full name under which containerd's importer stores an image. */
  containerdName: 'io.containerd.image.name',
  /**
   * In an archive: the name of an artifact that travels along with an image. Engines treat anything with one
   * of the names above as an image.
   */
  artifactName: 'io.containerimage.artifact.name',
  /** The name as the catalog spells it: `NanoServer`. */
  name: 'io.containerimage.name',
  /** On the index of a layout: `whole` if the names in it are whole repositories. */
  names: 'io.containerimage.names',
  /**
   * In an archive, where an image has only one entry: its other names, with their tags, separated by spaces.
   */
  otherNames: 'io.containerimage.names.other',
  /** The version, which may differ from the tag. */
  imageVersion: 'io.containerimage.version',
  publisher: 'io.containerimage.publisher',
  /** Where the image came from: a reference, or a source's name. */
  source: 'io.containerimage.source',
  /** On a media: when the image was saved, ISO 8601, and by which version of this program. */
  saved: 'io.containerimage.saved',
  savedBy: 'io.containerimage.saved.by',
  /** Whose signatures of the image a policy accepted when it was copied here; for display, and never trusted. */
  signedBy: 'io.containerimage.signed.by',
  /**
   * The digest of the index that the manifest was chosen from, so that signatures on it can still be checked.
   */
  originIndex: 'io.containerimage.origin.index',
  /** Its size in bytes, in decimal digits. */
  originIndexSize: 'io.containerimage.origin.index.size',
  /** On a manifest: what its layer was made from, so that it need not be made again. */
  madeOf: 'io.containerimage.made.of',
  /**
   * On a manifest whose layers are kept uncompressed, because their compressed bytes could not be restored:
   * the digest of the original manifest.
   */
  original: 'io.containerimage.original',
  /** On the manifest of a Windows image: the edition that its WIM names. */
  edition: 'io.containerimage.edition',
} as const
