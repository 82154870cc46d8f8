/**
 * Bounds on documents from outside. A manifest's is the one that registries and
 * clients share (distribution-spec, "Pushing Manifests"; containerd CVE-2023-25153 is the class).
 */
export const LIMITS = {
  manifestBytes: 4 * 1024 * 1024,
  indexBytes: 20 * 1024 * 1024,
  /** A log of receipts; after hundreds of installs it has a few megabytes. */
  receiptsBytes: 64 * 1024 * 1024,
  configBytes: 20 * 1024 * 1024,
  /** An index may hold indexes; no known image needs more than two levels. */
  indexDepth: 4,
  /** Levels of objects and lists in one JSON document; images need less than ten. */
  nesting: 64,
  layoutFileBytes: 64 * 1024,
  /**
   * A file that users write themselves: settings, passwords, certificates; the system's own certificate
   * bundle has 250 kB.
   */
  userFileBytes: 16 * 1024 * 1024,
  layerDeltaBytes: 64 * 1024,
  /** A set, which somebody wrote by hand or by a script; a thousand references need a tenth of it. */
  setBytes: 1024 * 1024,
  /** The payload of a signature: cosign's has 300 bytes, Notary Project's with its certificates 10 kB. */
  signatureBytes: 1024 * 1024,
  /** A signed statement about an image, which may be its whole SBOM. */
  attestationBytes: 16 * 1024 * 1024,
  layers: 1000,
  manifestsInIndex: 100_000,
} as const
