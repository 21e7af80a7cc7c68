import { InvariantBroken } from '#kernel';
import {
  ReadModelsUnavailable,
  type Checkpoint,
  type Differences,
  type Fold,
  type FoldBatch,
  type FoldBuild,
  type FoldComparison,
  type FoldWriter,
  type Projection,
  type Rebuild,
} from '#read-models/port';
import { differencesOf, type MemoryModel } from './memory-model.js';

/** The live models by name, and what wakes those who wait for a position. */
export type Shelf = {
  readonly live: Map<string, MemoryModel>;
  readonly changed: () => void;
};

// The methods are async so that a fault is a rejection, as it is with every other adapter.

export class MemoryWriter implements FoldWriter {
  constructor(
    protected readonly model: () => MemoryModel,
    private readonly changed: () => void,
  ) {}

  async checkpoint(): Promise<Checkpoint | undefined> {
    return this.model().checkpoint();
  }

  async load(ids: readonly string[]): Promise<ReadonlyMap<string, Fold>> {
    const model = this.model();
    const found = ids.map((id) => model.get(id)).filter((fold) => fold !== undefined);
    return new Map(found.map((fold) => [fold.id, fold]));
  }

  async store(batch: FoldBatch): Promise<void> {
    this.model().store(batch);
    this.changed();
  }
}

abstract class MemoryBuild extends MemoryWriter implements FoldBuild {
  private built: MemoryModel | undefined;

  constructor(
    protected readonly projection: Projection,
    protected readonly shelf: Shelf,
    model: MemoryModel,
  ) {
    super(
      () => this.content(),
      () => {},
    );
    this.built = model;
  }

  protected content(): MemoryModel {
    if (this.built) return this.built;
    throw new InvariantBroken(`${this.projection.name}: this build has ended`);
  }

  async fill(folds: readonly Fold[]): Promise<void> {
    for (const fold of folds) this.content().put(fold);
  }

  async complete(checkpoint: Checkpoint | undefined): Promise<void> {
    this.content().complete(checkpoint);
  }

  async discard(): Promise<void> {
    this.built = undefined;
  }
}

export class MemoryRebuild extends MemoryBuild implements Rebuild {
  async switchOver(): Promise<boolean> {
    // No partition may go back: its readers have seen it further.
    const live = this.shelf.live.get(this.projection.name);
    if (live?.isAheadOf(this.content().checkpoint())) return false;
    this.shelf.live.set(this.projection.name, this.content());
    await this.discard();
    this.shelf.changed();
    return true;
  }
}

export class MemoryComparison extends MemoryBuild implements FoldComparison {
  private held: MemoryModel | undefined;

  async liveCheckpoint(): Promise<Checkpoint | undefined> {
    return this.live().checkpoint();
  }

  async hold(): Promise<Checkpoint | undefined> {
    this.held = this.live().copy(this.projection);
    return this.held.checkpoint();
  }

  async differences(limit: number): Promise<Differences> {
    if (!this.held) throw new InvariantBroken('differences are asked of what is held');
    return differencesOf(this.projection, { built: this.content(), live: this.held }, limit);
  }

  private live(): MemoryModel {
    const model = this.shelf.live.get(this.projection.name);
    if (model) return model;
    throw new ReadModelsUnavailable(
      'read-models.rebuilding',
      `${this.projection.name} is not built`,
    );
  }
}
