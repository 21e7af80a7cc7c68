/**
 * A verifiable log in public formats: RFC 6962/9162 Merkle trees, C2SP tiles, entry bundles,
 * signed notes, checkpoints, cosignatures, proof files and policies. Runs in Node and browsers.
 */
export { type BundleHashes, BundleHasher } from './bundle-hasher.js';
export { checkPolicy, policyOfLog } from './check-policy.js';
export { type Checkpoint, formatCheckpoint, parseCheckpoint } from './checkpoint.js';
export { cosign, verifyCosignature } from './cosignature.js';
export { decodeEntries, encodeEntries, ENTRY_SIZE_MAX_BYTES } from './entries.js';
export { EntryBundle } from './entry-bundle.js';
export { EMPTY_ROOT, type Hash, HASH_SIZE_BYTES, leafHash, nodeHash } from './hashing.js';
export {
  formatSignerKey,
  formatVerifierKey,
  newSignerKey,
  parseSignerKey,
  parseVerifierKey,
  SIGNATURE_TYPES,
  type SignatureType,
  type SignerKey,
  type VerifierKey,
  verifierKeyOf,
} from './keys.js';
export { MerkleError, type MerkleErrorCode } from './merkle-error.js';
export {
  formatNote,
  formatSignatureLine,
  type Note,
  NOTE_SIGNATURES_MAX,
  NOTE_SIZE_MAX_BYTES,
  type NoteSignature,
  parseNote,
  parseSignatureLine,
} from './note.js';
export {
  addSignatures,
  type Cosigned,
  openCheckpoint,
  type OpenedCheckpoint,
  type OpenedNote,
  openNote,
  signNote,
} from './open-note.js';
export { parsePolicy } from './parse-policy.js';
export type {
  CheckedCheckpoint,
  Cosigner,
  Policy,
  PolicyLog,
  PolicyWitness,
  Quorum,
} from './policy.js';
export {
  type ConsistencyClaim,
  type InclusionClaim,
  verifyConsistency,
  verifyInclusion,
} from './proof.js';
export { proveConsistency, proveInclusion, rootOf } from './prove.js';
export { sha256, sha256Hex } from './sha256.js';
export {
  type BundleId,
  entriesPath,
  type LedgerPath,
  parseLedgerPath,
  rightEdgeOf,
  type Tile,
  TILE_WIDTH,
  type TileId,
  tilePath,
  tilesOf,
  type TileSource,
} from './tile.js';
export { TileBuilder } from './tile-builder.js';
export { formatTlogProof, parseTlogProof, type TlogProof, verifyTlogProof } from './tlog-proof.js';
export { TreeHead } from './tree-head.js';
