import { partitionOf, PARTITION_COUNT, type SharedReadModels } from '#read-models/port';
import { sampleStream } from './samples.js';

/** Read models of their own that several processes write. */
export type SharedSpace = {
  /** Another process on the same data; called as often as a test needs processes. */
  readonly open: () => Promise<SharedReadModels>;
  /** Closes whatever is open and removes the data. */
  readonly remove: () => Promise<void>;
};

/** What an adapter brings to {@link sharedReadModelsContract}. */
export type SharedReadModelsHarness = { readonly create: () => Promise<SharedSpace> };

/** Two processes on the same read models; filled anew before each test. */
export type SharedBench = {
  space: SharedSpace;
  one: SharedReadModels;
  other: SharedReadModels;
};

export const EVERY_PARTITION: readonly number[] = Array.from(
  { length: PARTITION_COUNT },
  (_, n) => n,
);

/** These partitions, all under one token. */
export function shareOf(partitions: readonly number[], token: number): ReadonlyMap<number, number> {
  return new Map(partitions.map((partition) => [partition, token]));
}

const SAMPLES_TRIED_MAX = 10_000;

/** Number of the n-th sample (from 0) whose stream lies in a partition. */
export function sampleIn(partition: number, ordinal = 0): number {
  let met = 0;
  for (let number = 0; number < SAMPLES_TRIED_MAX; number += 1) {
    if (partitionOf(sampleStream(number)) !== partition) continue;
    if (met === ordinal) return number;
    met += 1;
  }
  throw new Error(`partition ${partition} has no sample ${ordinal}`);
}
