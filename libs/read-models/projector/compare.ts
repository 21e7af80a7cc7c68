import { comparePositions, type Position } from '#kernel';
import type { Difference, FoldComparison } from '#read-models/port';
import { BulkFold, type Filling } from './bulk-fold.js';
import { foldUpTo } from './fold-up-to.js';
import { DIFFERENCES_NAMED, type Compared, type CompareOptions } from './options.js';
import { statusOf } from './projection-status.js';
import type { ProjectionSource } from './projection-source.js';
import type { StoresOfProjector } from './rebuild.js';

type Compare = Filling & { readonly build: FoldComparison };

/**
 * Most of the log is folded first and without holding anything; then each live read model is held
 * for as long as it takes to fold the few events since, and to compare.
 */
export async function compareAll(
  stores: StoresOfProjector,
  sources: readonly ProjectionSource[],
  options: CompareOptions,
): Promise<Compared> {
  const { eventStore, readModels } = stores;
  const comparisons: Compare[] = [];
  try {
    for (const source of sources) {
      comparisons.push({ source, build: await readModels.comparison(source.projection) });
    }
    const to = await earliestLive(comparisons);
    const checkpoint =
      to === undefined
        ? undefined
        : await new BulkFold(eventStore, comparisons, { ...options, to }).run();
    const compared = {
      events: checkpoint?.eventsSeen ?? 0,
      documents: 0,
      differing: 0,
      eventsMissing: 0,
    };
    const first: Difference[] = [];
    for (const { source, build } of comparisons) {
      options.signal?.throwIfAborted();
      await build.complete(checkpoint);
      const { differences, events, unequal } = await compareOne(stores, { source, build }, options);
      compared.events = Math.max(compared.events, events);
      compared.documents += differences.documents;
      compared.differing += differences.differing;
      first.push(...differences.first);
      const { eventsMissing } = await statusOf(eventStore, readModels, source.projection);
      compared.eventsMissing = Math.max(compared.eventsMissing, eventsMissing, unequal);
    }
    return { ...compared, first };
  } finally {
    for (const { build } of comparisons) await build.discard();
  }
}

async function compareOne(
  { eventStore }: StoresOfProjector,
  { source, build }: Compare,
  options: CompareOptions,
) {
  const held = await build.hold();
  await foldUpTo(eventStore, source, { writer: build, to: held?.position, ...options });
  const events = held?.eventsSeen ?? 0;
  const { name } = source.projection;
  options.progress?.({ phase: 'comparing', projection: name, events, eventsTotal: events });
  // Counted by this reading itself, whatever the store says it holds. More or fewer: either way one
  // of both readings has left some out.
  const recounted = (await build.checkpoint())?.eventsSeen ?? 0;
  return {
    differences: await build.differences(options.limit ?? DIFFERENCES_NAMED),
    events,
    unequal: Math.abs(recounted - events),
  };
}

/** How far all of them have come; undefined when one has seen nothing. */
async function earliestLive(comparisons: readonly Compare[]): Promise<Position | undefined> {
  const positions: (Position | undefined)[] = [];
  for (const { build } of comparisons) positions.push((await build.liveCheckpoint())?.position);
  const [first] = positions.filter((position) => position !== undefined).toSorted(comparePositions);
  return positions.includes(undefined) ? undefined : first;
}
