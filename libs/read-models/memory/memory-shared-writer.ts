import {
  ShareLost,
  type Checkpoint,
  type Fold,
  type FoldBatch,
  type FoldWriter,
  type Share,
} from '#read-models/port';
import type { MemoryModel } from './memory-model.js';

/** A share of one projection, held against the newest tokens that anybody came with. */
export class Fenced {
  constructor(
    /** By projection: kept apart from the models, so that a rebuild forgets no token. */
    private readonly fences: Map<string, Share>,
    private readonly held: { readonly projection: string; readonly share: Share },
  ) {}

  get partitions(): readonly number[] {
    return [...this.held.share.keys()];
  }

  /** Makes older tokens worthless. @throws ShareLost */
  raise(): void {
    this.check();
    const { projection, share } = this.held;
    this.fences.set(projection, new Map([...(this.fences.get(projection) ?? []), ...share]));
  }

  /** @throws ShareLost */
  check(): void {
    const { projection, share } = this.held;
    const newest = this.fences.get(projection);
    for (const [partition, token] of share) {
      const newer = newest?.get(partition) ?? 0;
      if (newer > token) {
        throw new ShareLost(
          `${projection}, partition ${partition}: ${token} is older than ${newer}`,
        );
      }
    }
  }
}

/** Writes the streams of some partitions. Async so that a fault is a rejection. */
export class MemorySharedWriter implements FoldWriter {
  constructor(
    private readonly fenced: Fenced,
    private readonly live: { readonly model: () => MemoryModel; readonly changed: () => void },
  ) {}

  async checkpoint(): Promise<Checkpoint | undefined> {
    return this.live.model().checkpoint(this.fenced.partitions);
  }

  async load(ids: readonly string[]): Promise<ReadonlyMap<string, Fold>> {
    const model = this.live.model();
    const found = ids.map((id) => model.get(id)).filter((fold) => fold !== undefined);
    return new Map(found.map((fold) => [fold.id, fold]));
  }

  async store(batch: FoldBatch): Promise<void> {
    const model = this.live.model();
    this.fenced.check();
    model.store(batch, this.fenced.partitions);
    this.live.changed();
  }
}
