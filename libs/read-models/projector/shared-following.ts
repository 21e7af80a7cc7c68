import { setImmediate as turn } from 'node:timers/promises';
import type { StoredEvent } from '#kernel';
import type { EventStore } from '#event-store/port';
import { ShareLost, type FoldWriter, type Share, type SharedReadModels } from '#read-models/port';
import type { LeaseKeeper } from './lease-keeper.js';
import { partitionRecordOf } from './lease.policy.js';
import { earliestOf, LiveFold } from './live-fold.js';
import { Decoded, type ProjectionSource } from './projection-source.js';
import { ProjectionStopped } from './projection-stopped.js';
import type { Wait } from './supervision.js';

/**
 * Rest between two pages at the head of the log. Each page, however small, moves the checkpoint of
 * every projection in every process: those who write little gather more events a page this way.
 */
const LIVE_PAUSE_MS = 10;

export type Following = {
  readonly eventStore: EventStore;
  readonly readModels: SharedReadModels;
  readonly keeper: LeaseKeeper;
  readonly sources: readonly ProjectionSource[];
  readonly share: Share;
  readonly pageSize: number;
  readonly wait: Wait;
  readonly progressed: () => void;
};

/**
 * Reads the log once for all projections, from the earliest checkpoint of the share on, until the
 * signal aborts.
 * @throws ShareLost when a newer holder writes, or as soon as the leases could not be renewed.
 */
export async function followShare(following: Following, signal: AbortSignal): Promise<void> {
  const { eventStore, pageSize, wait, progressed } = following;
  const folds = await begin(following);
  const after = earliestOf(folds);
  const options = { signal, pageSize, ...(after === undefined ? {} : { after }) };
  for await (const { events, caughtUp } of eventStore.follow(options)) {
    await take(folds, events);
    progressed();
    // Reading and writing may never leave the turn: timers and sockets want theirs.
    await turn();
    if (caughtUp) await wait(LIVE_PAUSE_MS, signal);
  }
}

async function begin(following: Following): Promise<readonly LiveFold[]> {
  const { readModels, sources, share } = following;
  return Promise.all(
    sources.map(async (source) => {
      // Made first: from then on nobody older moves the checkpoint that is read next.
      const writer = await readModels.sharedWriter(source.projection, share);
      return LiveFold.begin(source, fenced(writer, following), share);
    }),
  );
}

/** All projections at once, for each waits for its own store; all come to rest before one errs. */
async function take(folds: readonly LiveFold[], page: readonly StoredEvent[]): Promise<void> {
  const decoded = page.map((stored) => new Decoded(stored));
  const answers = await Promise.allSettled(folds.map((fold) => fold.take(decoded)));
  const faults = answers.flatMap((answer): readonly unknown[] =>
    answer.status === 'rejected' ? [answer.reason] : [],
  );
  const fault = faults.find((error) => error instanceof ProjectionStopped) ?? faults[0];
  if (fault instanceof Error) throw fault;
}

/** Stores nothing once a lease is gone or grown old by this process's own clock. */
function fenced(writer: FoldWriter, { keeper, share }: Following): FoldWriter {
  return {
    checkpoint: () => writer.checkpoint(),
    load: (ids) => writer.load(ids),
    store: async (batch) => {
      const now = keeper.share();
      for (const [partition, token] of share) {
        if (now.get(partition) === token) continue;
        throw new ShareLost(`${partitionRecordOf(partition)} is not held any longer`);
      }
      await writer.store(batch);
    },
  };
}
