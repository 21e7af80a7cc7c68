export * from './cosign.js';
export { formatAddCheckpoint, parseAddCheckpoint, type AddCheckpoint } from './add-checkpoint.js';
export { CosignRefused, type CosignFault } from './ask-witness.js';
export {
  CosignersRefused,
  createCosigners,
  type CosignersOptions,
  type CosignRound,
} from './cosigners.js';
export { originHashOf } from './cosigned-checkpoint.js';
export type { Misbehaviour } from './misbehaviour.js';
export { startWitness, type RunningWitness, type WitnessOptions } from './start-witness.js';
export {
  requestTimeToken,
  TIME_ANSWER_TIMEOUT_MS,
  TimeTokenError,
  type TimeAuthority,
  type TimeToken,
  type TimeTokenErrorCode,
} from './time-authority.js';
export { trustedLogs, TrustedLogsRefused } from './trusted-logs.js';
export {
  TimeTokenNotVerified,
  verifyTimeToken,
  type TimeTokenToVerify,
} from './verify-time-token.js';
export { WitnessBusy, WitnessKeyRefused, WitnessStateDamaged } from './witness-errors.js';
