export { LeaseKeeper, type LeaseKeeperOptions, type MonotonicClock } from './lease-keeper.js';
export { LEASE_TTL_MS } from './lease.policy.js';
export { ProjectionStopped } from './projection-stopped.js';
export { Projector, type ProjectorOptions, type ProjectorStatus } from './projector.js';
export {
  SharedProjector,
  type SharedProjectorOptions,
  type SharedProjectorStatus,
} from './shared-projector.js';
export { isOfAnotherLog, type ProjectionStatus } from './projection-status.js';
export type { ProjectionSource } from './projection-source.js';
export type { Progress, ReportProgress } from './progress.js';
export type { Compared, CompareOptions, Rebuilt, RebuildOptions } from './options.js';
