import type { Difference } from '#read-models/port';
import type { ReportProgress } from './progress.js';

export type RebuildOptions = {
  /** Names of the projections; all when absent. */
  readonly only?: readonly string[];
  readonly progress?: ReportProgress;
  /** Ends it by throwing the signal's reason; the live read models stay as they were. */
  readonly signal?: AbortSignal;
};

export type Rebuilt = { readonly events: number; readonly documents: number };

export type CompareOptions = RebuildOptions & {
  /** Differing documents to name; {@link DIFFERENCES_NAMED} unless told. */
  readonly limit?: number;
};

export type Compared = {
  readonly events: number;
  readonly documents: number;
  readonly differing: number;
  /** The first differing documents of each projection, in order of id. */
  readonly first: readonly Difference[];
  /** Events that the live read models never saw. */
  readonly eventsMissing: number;
};

export const DIFFERENCES_NAMED = 20;
