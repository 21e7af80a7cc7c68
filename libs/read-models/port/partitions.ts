import { comparePositions, type Position } from '#kernel';
import type { Checkpoint } from './projection.js';

/**
 * Streams are dealt to so many partitions, each folded by one projector at a time. Stored with every
 * checkpoint, so never changed without folding anew.
 */
export const PARTITION_COUNT = 16;

/**
 * The partition of a stream: the last hexadecimal digit of its uuid, which is as good as random in
 * versions 4 and 5 (RFC 9562). What is named otherwise lies in partition 0.
 */
export function partitionOf(stream: string): number {
  const digit = Number.parseInt(stream.slice(-1), PARTITION_COUNT);
  return Number.isNaN(digit) ? 0 : digit;
}

/**
 * How far several partitions have come together: as far as the earliest, nowhere when one has seen
 * nothing. Missing events are those of the worst one, so that no change of hands forgets them.
 */
export function checkpointOver(
  partitions: readonly (Checkpoint | undefined)[],
): Checkpoint | undefined {
  let earliest: Checkpoint | undefined;
  let eventsMissing = 0;
  for (const checkpoint of partitions) {
    if (!checkpoint) return undefined;
    eventsMissing = Math.max(eventsMissing, checkpoint.eventsMissing);
    const earlier = earliest && comparePositions(earliest.position, checkpoint.position) <= 0;
    if (!earlier) earliest = checkpoint;
  }
  return earliest && { ...earliest, eventsMissing };
}

/** How far the furthest of these partitions has come; undefined when none has seen anything. */
export function furthestOf(partitions: readonly (Checkpoint | undefined)[]): Position | undefined {
  const positions = partitions.flatMap((checkpoint) => checkpoint?.position ?? []);
  return positions.toSorted(comparePositions).at(-1);
}

/**
 * The partitions that one projector folds, each with the fencing token of its lease: the larger
 * token is the newer holder's (Kleppmann, "How to do distributed locking", 2016).
 */
export type Share = ReadonlyMap<number, number>;

/** What is known of a lease, or of a process that wants some. */
export type LeaseRecord = {
  /** `partition-<n>`, `member-<uuid>` or `rebuild-<projection>`. */
  readonly id: string;
  /** Id of the process that holds it; null when it is free. */
  readonly holder: string | null;
  /** Raised whenever the holder changes; never falls. */
  readonly token: number;
  /** Raised by the living holder. Who sees it stand still for long enough takes the lease over. */
  readonly beat: number;
};

/**
 * Where leases are kept. No clock is stored: a holder is dead when its beat has stood still for a
 * while by the onlooker's own clock, so that clocks that differ do no harm.
 */
export interface LeaseTable {
  /** At most a few hundred records. @throws ReadModelsUnavailable, as the others do. */
  all(): Promise<readonly LeaseRecord[]>;
  /**
   * Puts a record in place of another of the same id if that is still as it was read; of none, if
   * there is none. False, and nothing changed, when somebody else was quicker.
   */
  replace(known: LeaseRecord | undefined, next: LeaseRecord): Promise<boolean>;
  /** Removes the record of an id. Idempotent. */
  remove(id: string): Promise<void>;
}

/**
 * A newer holder writes this share now, or the read model was built anew: what was read of it holds
 * no longer. Stop, see what is still held, and begin again.
 */
export class ShareLost extends Error {
  override readonly name = 'ShareLost';
  readonly code = 'read-models.share-lost';
}
