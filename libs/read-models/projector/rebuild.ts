import type { EventStore } from '#event-store/port';
import { ReadModelsUnavailable, type ReadModels, type Rebuild } from '#read-models/port';
import { BulkFold, type Filling } from './bulk-fold.js';
import { foldUpTo } from './fold-up-to.js';
import type { Rebuilt, RebuildOptions } from './options.js';
import type { ProjectionSource } from './projection-source.js';

/** Times that a rebuilt read model catches up with a live one that keeps going. */
const SWITCH_ATTEMPTS_MAX = 1_000;

export type StoresOfProjector = {
  readonly eventStore: EventStore;
  readonly readModels: ReadModels;
};

export type RebuildAllOptions = RebuildOptions & {
  /** Asked last thing before each switch; throws when somebody else may be rebuilding meanwhile. */
  readonly beforeSwitch?: () => void;
};

/** Builds all of them in one reading of the log, then switches one after the other. */
export async function rebuildAll(
  { eventStore, readModels }: StoresOfProjector,
  sources: readonly ProjectionSource[],
  options: RebuildAllOptions,
): Promise<Rebuilt> {
  const builds: (Filling & { readonly build: Rebuild })[] = [];
  try {
    for (const source of sources) {
      builds.push({ source, build: await readModels.rebuild(source.projection) });
    }
    const to = await eventStore.head();
    const checkpoint =
      to === undefined
        ? undefined
        : await new BulkFold(eventStore, builds, { ...options, to }).run();
    const events = checkpoint?.eventsSeen ?? 0;
    let documents = 0;
    for (const { source, build } of builds) {
      options.signal?.throwIfAborted();
      const { name } = source.projection;
      options.progress?.({ phase: 'indexing', projection: name, events, eventsTotal: events });
      await build.complete(checkpoint);
      await switchWhenCaughtUp(eventStore, { source, build }, options);
      documents += (await readModels.status(source.projection)).documents;
    }
    return { events, documents };
  } finally {
    for (const { build } of builds) await build.discard();
  }
}

async function switchWhenCaughtUp(
  eventStore: EventStore,
  { source, build }: { readonly source: ProjectionSource; readonly build: Rebuild },
  options: RebuildAllOptions,
): Promise<void> {
  for (let attempt = 0; attempt < SWITCH_ATTEMPTS_MAX; attempt += 1) {
    await foldUpTo(eventStore, source, { writer: build, to: await eventStore.head(), ...options });
    options.beforeSwitch?.();
    if (await build.switchOver()) return;
  }
  throw new ReadModelsUnavailable(
    'read-models.rebuilding',
    `${source.projection.name}: rebuilt, but never as far as the live one; try when less is written`,
  );
}
