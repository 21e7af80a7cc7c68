export { EvidenceError, type EvidenceCode } from './errors.js';
export type { EventRecord, PublicLedger } from './event-record.js';
export { FAULTS_MAX, type Fault, type FaultKind, type Verdict } from './verdict.js';
export { payloadOf, parsePayload } from './leaf/payload.js';
export { documentHashesOf } from './leaf/documents.js';
export {
  LEAF_SIZE_MAX_BYTES,
  LEAF_VERSION,
  leafEntryOf,
  leafOf,
  leafSaltOf,
  parseLeaf,
  type Leaf,
  type LeafPlace,
} from './leaf/leaf.js';
export {
  inspectStoredZip,
  isPlainPath,
  readStoredZip,
  storedZip,
  ZIP_FILES_MAX,
  ZIP_SIZE_MAX_BYTES,
  type InspectedZip,
  type PackFile,
  type ZipFault,
} from './pack/stored-zip.js';
export {
  BAGIT_TXT,
  bagOf,
  manifestText,
  payloadOxum,
  type BagInfoLine,
  type BagParts,
} from './pack/bag.js';
export {
  documentPath,
  earlierCheckpointPath,
  earlierConsistencyPath,
  eventPath,
  formatScope,
  PACK_EVENTS_MAX,
  PACK_PATHS,
  PACK_VERSION,
  parsePackPath,
  parseScope,
  proofPath,
  timeNotePath,
  timeTokenPath,
  topFolderOf,
  type PackPath,
  type PackScope,
} from './pack/pack-format.js';
export { BESIDE_MAX, KEPT_MAX, type NamedNote } from './ledger/kept-checkpoints.js';
export { LEDGER_SIZE_MAX } from './ledger/trust.js';
export {
  verifyEvents,
  verifyLedger,
  type EventsVerdict,
  type LedgerVerdict,
  type VerifyOptions,
} from './ledger/verify-ledger.js';
export { chronologyHtml, type Chronology, type ChronologyEvent } from './pack/chronology.js';
export {
  timeTokensOf,
  verifyPack,
  type PackVerdict,
  type TimeToken,
  type VerifyPackOptions,
} from './pack/verify-pack.js';
