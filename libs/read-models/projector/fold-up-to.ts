import type { Position } from '#kernel';
import type { EventStore } from '#event-store/port';
import type { FoldWriter } from '#read-models/port';
import { LiveFold } from './live-fold.js';
import type { ReportProgress } from './progress.js';
import { Decoded, type ProjectionSource } from './projection-source.js';

const PAGE_SIZE = 2_000;

/** Takes one read model from its checkpoint to a position; answers the events passed. */
export async function foldUpTo(
  eventStore: EventStore,
  source: ProjectionSource,
  options: {
    readonly writer: FoldWriter;
    readonly to: Position | undefined;
    readonly progress?: ReportProgress;
    readonly signal?: AbortSignal;
  },
): Promise<number> {
  const { writer, to, progress, signal } = options;
  if (to === undefined) return 0;
  const fold = await LiveFold.begin(source, writer);
  const after = fold.checkpoint()?.position;
  // Only for whoever watches: on servers counting may be reading.
  const eventsTotal = progress ? await eventStore.countUpTo(to) : 0;
  const range = { to, pageSize: PAGE_SIZE, ...(after === undefined ? {} : { after }) };
  let passed = 0;
  for await (const page of eventStore.readAll(range)) {
    signal?.throwIfAborted();
    await fold.take(page.map((stored) => new Decoded(stored)));
    passed += page.length;
    const events = fold.checkpoint()?.eventsSeen ?? 0;
    progress?.({ phase: 'catching-up', projection: source.projection.name, events, eventsTotal });
  }
  return passed;
}
