import { comparePositions, InvariantBroken, type Position } from '#kernel';
import {
  partitionOf,
  type Checkpoint,
  type Fold,
  type FoldChange,
  type FoldWriter,
  type Share,
} from '#read-models/port';
import { ProjectionStopped } from './projection-stopped.js';
import { evolved, isOfKind, type Decoded, type ProjectionSource } from './projection-source.js';

/** Rows of one projection that are kept in memory, those used last. */
export const ROW_CACHE_ROWS_MAX = 4_096;

/**
 * Folds pages of events into one read model and stores each page with its checkpoint.
 * What it keeps in memory is what was stored last: after an error, make a new one.
 */
export class LiveFold {
  private readonly rows = new Map<string, Fold>();

  private constructor(
    private readonly source: ProjectionSource,
    private readonly writer: FoldWriter,
    private reached: Checkpoint | undefined,
    private readonly share: Share | undefined,
  ) {}

  /** With a share, streams of other partitions are passed, counted and left to their holders. */
  static async begin(
    source: ProjectionSource,
    writer: FoldWriter,
    share?: Share,
  ): Promise<LiveFold> {
    return new LiveFold(source, writer, await writer.checkpoint(), share);
  }

  checkpoint(): Checkpoint | undefined {
    return this.reached;
  }

  /**
   * Takes what lies after the checkpoint, in order. An event that cannot be folded stops it; what
   * came before that one is stored.
   * @throws ProjectionStopped, ReadModelsUnavailable, ShareLost
   */
  async take(page: readonly Decoded[]): Promise<void> {
    const fresh = page.filter(({ stored }) => !this.hasSeen(stored.position));
    if (fresh.length === 0) return;
    await this.loadRowsOf(fresh);
    const changes = new Map<string, FoldChange>();
    let taken: Checkpoint | undefined = this.reached;
    let stopped: ProjectionStopped | undefined;
    for (const one of fresh) {
      try {
        taken = this.passed(taken, one, changes);
      } catch (error) {
        if (!(error instanceof ProjectionStopped)) throw error;
        stopped = error;
        break;
      }
    }
    if (taken && taken !== this.reached) await this.store(changes, taken);
    if (stopped) throw stopped;
  }

  private hasSeen(position: string): boolean {
    return this.reached !== undefined && comparePositions(position, this.reached.position) <= 0;
  }

  private isMine(stream: string): boolean {
    if (!isOfKind(stream, this.source.projection.streamKind)) return false;
    return this.share?.has(partitionOf(stream)) ?? true;
  }

  /** Folds one event; answers the checkpoint after it. */
  private passed(
    before: Checkpoint | undefined,
    one: Decoded,
    changes: Map<string, FoldChange>,
  ): Checkpoint {
    const { stored } = one;
    const missed = this.isMine(stored.stream) ? this.fold(one, changes) : 0;
    return {
      position: stored.position,
      eventsSeen: (before?.eventsSeen ?? 0) + 1,
      eventsMissing: (before?.eventsMissing ?? 0) + missed,
    };
  }

  /** How many events of the stream should have come before this one, but did not. */
  private fold(one: Decoded, changes: Map<string, FoldChange>): number {
    const { stored } = one;
    const change = changes.get(stored.stream);
    const known = change?.after ?? this.rows.get(stored.stream);
    // A row may be ahead of the checkpoint where both are not stored as one.
    if (known && stored.revision <= known.revision) return 0;
    const event = one.by(this.source.decode);
    const after: Fold = {
      id: stored.stream,
      revision: stored.revision,
      position: stored.position,
      firstPosition: known?.firstPosition ?? stored.position,
      document: evolved(this.source, known?.document, { stored, event }),
    };
    changes.set(stored.stream, { before: change ? change.before : known, after });
    return stored.revision - (known?.revision ?? -1) - 1;
  }

  private async loadRowsOf(fresh: readonly Decoded[]): Promise<void> {
    const wanted = new Set<string>();
    for (const { stored } of fresh) {
      // A stream's first event has no row to find, so a new complaint costs no look-up.
      if (stored.revision === 0 || this.rows.has(stored.stream)) continue;
      if (this.isMine(stored.stream)) wanted.add(stored.stream);
    }
    if (wanted.size === 0) return;
    for (const [id, fold] of await this.writer.load([...wanted])) this.rows.set(id, fold);
  }

  private async store(
    changes: ReadonlyMap<string, FoldChange>,
    checkpoint: Checkpoint,
  ): Promise<void> {
    if (this.reached && comparePositions(checkpoint.position, this.reached.position) <= 0) {
      throw new InvariantBroken(`${this.source.projection.name}: events out of order`);
    }
    await this.writer.store({ changes: [...changes.values()], checkpoint });
    this.reached = checkpoint;
    for (const [id, { after }] of changes) {
      // Taken out and put in again, so that the rows used last stand at the end.
      this.rows.delete(id);
      this.rows.set(id, after);
    }
    for (const id of this.rows.keys()) {
      if (this.rows.size <= ROW_CACHE_ROWS_MAX) break;
      this.rows.delete(id);
    }
  }
}

/** Where to read from so that none of them misses an event; undefined for the beginning. */
export function earliestOf(folds: readonly LiveFold[]): Position | undefined {
  const reached = folds.map((fold): Checkpoint | undefined => fold.checkpoint());
  const [first] = reached
    .filter((checkpoint) => checkpoint !== undefined)
    .toSorted((a, b) => comparePositions(a.position, b.position));
  return reached.includes(undefined) ? undefined : first?.position;
}
