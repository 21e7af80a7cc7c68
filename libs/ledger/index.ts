export * from './ledger-error.js';
export { keyFileProblem, readKeyFile } from './key-file.js';
export * from './prove-event.js';
export { readCheckpoint, type SignedCheckpoint } from './signed-checkpoint.js';
export { HttpLedger } from './tiles/http-ledger.js';
export {
  CHECKPOINT_PATH,
  COSIGNED_PATH,
  isPublicPath,
  LedgerFolder,
  type FolderState,
} from './tiles/ledger-folder.js';
export { readBundle, readEntry, tileSourceOf } from './tiles/tile-source.js';
export {
  LEDGER_MARK,
  type Cosigners,
  type LedgerParts,
  type ProveFrom,
  type PublishStep,
  type RebuildProgress,
  type TimeStamps,
} from './sequencer/ledger-parts.js';
export { checkpointInMark } from './sequencer/known-checkpoints.js';
export { outsideAt, type OutsidePlace } from './sequencer/outside.js';
export { sequenceOnce } from './sequencer/sequence-once.js';
export {
  startSequencer,
  type Sequencer,
  type SequencerOptions,
  type SequencerPhase,
  type SequencerState,
  type SequencerTimes,
} from './sequencer/sequencer.js';
export type { Published } from './sequencer/signing-session.js';
