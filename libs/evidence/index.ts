export { EvidenceError, type EvidenceCode } from './errors.js';
export type { EventRecord, PublicLedger } from './event-record.js';
export type { Fault, FaultKind, Verdict } from './verdict.js';
export { payloadOf } from './leaf/payload.js';
export {
  leafEntryOf,
  leafOf,
  leafSaltOf,
  parseLeaf,
  type Leaf,
  type LeafPlace,
} from './leaf/leaf.js';
export {
  readStoredZip,
  storedZip,
  type InspectedZip,
  type PackFile,
  type ZipFault,
} from './pack/stored-zip.js';
export { bagOf, type BagInfoLine, type BagParts } from './pack/bag.js';
export {
  documentPath,
  earlierCheckpointPath,
  earlierConsistencyPath,
  eventPath,
  formatScope,
  PACK_PATHS,
  PACK_VERSION,
  parsePackPath,
  proofPath,
  timeNotePath,
  timeTokenPath,
  topFolderOf,
  type PackPath,
  type PackScope,
} from './pack/pack-format.js';
export { BESIDE_MAX, type NamedNote } from './ledger/kept-checkpoints.js';
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
