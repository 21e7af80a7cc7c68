import { canonicalJson, type Position, type StoredEvent } from '#kernel';
import { EMPTY_ROOT, formatCheckpoint, signNote, type SignerKey } from '#merkle';
import { makeKeyFile } from '../key-file.js';
import { LedgerError } from '../ledger-error.js';
import type { SignedCheckpoint } from '../signed-checkpoint.js';
import { IDS_PENDING_MAX } from '../tiles/id-index.js';
import { CHECKPOINT_PATH } from '../tiles/ledger-folder.js';
import { DayNotes } from './day-notes.js';
import { isSameRoot } from './known-checkpoints.js';
import { LEDGER_MARK, type LedgerParts, type PublishStep } from './ledger-parts.js';
import { entryOf, type Recovered } from './recover.js';

/** A checkpoint as it was signed, and how far in the log it goes. */
export type Published = SignedCheckpoint & {
  /** Of its last event; undefined when it has none. */
  readonly position: Position | undefined;
};

/**
 * Grows the tree and signs it, from where {@link recover} found it. One that failed is thrown away:
 * what is durable is found again by recovering.
 */
export class SigningSession {
  #position: Position | undefined;
  #markRevision: number | 'no-mark';
  #key: SignerKey | undefined;
  #last: SignedCheckpoint | undefined;
  /** Nothing yet: what was found is told again, so that each place comes to know it. */
  #publishedSize: bigint | undefined;
  readonly #superseded: string[] = [];
  readonly #days = new DayNotes();
  #isStateKept = false;
  #isIntroduced = false;

  constructor(
    private readonly parts: LedgerParts,
    private readonly recovered: Recovered,
  ) {
    this.#position = recovered.position;
    this.#markRevision = recovered.markRevision;
    this.#key = recovered.key;
    this.#last = recovered.last;
  }

  /** Leaves in the tree, signed or not. */
  get size(): number {
    return Number(this.recovered.tree.size);
  }

  /** Of the last leaf in the tree. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** Takes events as they come in the log. @throws LedgerError `ledger.event-malformed` */
  add(events: readonly StoredEvent[]): void {
    const { tree } = this.recovered;
    for (const event of events) {
      const index = Number(tree.size);
      tree.add(entryOf(this.parts, event, index));
      this.parts.folder.ids.add(event.id, index);
      this.#position = event.position;
    }
  }

  /** Whether the tree stands elsewhere than the last checkpoint that everybody was told of. */
  get needsPublishing(): boolean {
    return this.recovered.tree.size !== this.#publishedSize;
  }

  /**
   * Writes the tiles and entries of the tree as it stands, signing nothing; durable when resolved.
   * @throws LedgerError. The session is over then.
   */
  async writeTiles(): Promise<Pick<SignedCheckpoint, 'size' | 'root'>> {
    const growth = this.recovered.tree.grow();
    this.#superseded.push(...growth.superseded);
    await this.#step('tiles', () => this.parts.folder.writePublic(growth.files));
    this.#publishedSize = growth.size;
    return growth;
  }

  /**
   * Writes and signs the tree as it stands. The order is what makes a crash between any two steps
   * harmless: tiles, then the mark by which of two sequencers one is refused, then what others read.
   * A tree that was signed before is not signed again: its checkpoint is brought to whoever has lost
   * it. One that has not come as far as it was signed before is written only; undefined then.
   *
   * @throws WrongExpectedRevision another sequencer signed; LedgerError; StoreUnavailable,
   * AppendUnknown. The session is over then.
   */
  async publish(): Promise<Published | undefined> {
    const position = this.#position;
    const last = this.#last;
    const head = await this.writeTiles();
    if (last && head.size < last.size) return undefined;
    const signed = last?.size === head.size ? sameTree(last, head) : await this.#signNew(head);
    if (signed !== last || !this.#isKnownIn('mark', signed)) {
      await this.#step('mark', () => this.#mark(signed, position));
    }
    if (signed !== last || !this.#isKnownIn('folder', signed)) await this.#publishNote(signed);
    await this.#keepState(signed.size, position);
    const superseded = this.#superseded.splice(0);
    await this.#step('superseded', () => this.parts.folder.removeSuperseded(superseded));
    return { ...signed, position };
  }

  #isKnownIn(place: 'mark' | 'folder', { size }: SignedCheckpoint): boolean {
    const { checkpoints } = this.recovered.known;
    return checkpoints.some((one) => one.place === place && one.size === size);
  }

  async #signNew(head: Pick<SignedCheckpoint, 'size' | 'root'>): Promise<SignedCheckpoint> {
    return await this.#step('sign', async () => {
      await this.#introduce();
      return await this.#sign(head);
    });
  }

  /**
   * Before anything is signed, the place outside gets a checkpoint over no events. From then on one
   * that is empty has lost something, whatever ended the process where.
   */
  async #introduce(): Promise<void> {
    const { outside } = this.parts;
    if (!outside || !this.recovered.known.isOutsideEmpty || this.#isIntroduced) return;
    const { note } = await this.#sign({ size: 0n, root: EMPTY_ROOT });
    if ((await outside.read()) === undefined) await outside.write(note);
    this.#isIntroduced = true;
  }

  async #sign({ size, root }: Pick<SignedCheckpoint, 'size' | 'root'>): Promise<SignedCheckpoint> {
    const { origin, keyFile, randomness } = this.parts;
    this.#key ??= await makeKeyFile(keyFile, origin, randomness);
    const note = signNote(formatCheckpoint({ origin, size, root, extensions: [] }), this.#key);
    return { note, origin, size, root };
  }

  async #mark({ note, size }: SignedCheckpoint, position: Position | undefined): Promise<void> {
    const value = canonicalJson({ note, position: position ?? '', size: Number(size), v: 1 });
    const { eventStore } = this.parts;
    this.#markRevision = await eventStore.writeMark(LEDGER_MARK, value, this.#markRevision);
  }

  async #publishNote(signed: SignedCheckpoint): Promise<void> {
    const { folder, clock } = this.parts;
    const bytes = Buffer.from(signed.note);
    this.#last = signed;
    const files = [{ path: CHECKPOINT_PATH, bytes }, ...this.#days.take(bytes, clock.now())];
    await this.#step('checkpoint', () => folder.writePublic(files));
  }

  /** At the start, and whenever the index by id was written: the mark tells what is signed. */
  async #keepState(size: bigint, position: Position | undefined): Promise<void> {
    const { folder } = this.parts;
    const isFull = folder.ids.pendingCount >= IDS_PENDING_MAX;
    if (isFull) await this.#step('ids', () => folder.ids.flush(Number(size)));
    if (position === undefined || (!isFull && this.#isStateKept)) return;
    await this.#writeState(size, position);
    this.#isStateKept = true;
  }

  async #writeState(size: bigint, position: Position): Promise<void> {
    const { folder } = this.parts;
    const indexedSize = Math.min(Number(size), this.size - folder.ids.pendingCount);
    const state = { v: 1, size: Number(size), position, indexedSize } as const;
    await this.#step('state', () => folder.writeState(state));
  }

  /** Writes what was held back; for the end. */
  async finish(): Promise<void> {
    const { folder } = this.parts;
    // What is not signed is not put into the index: the log that goes on may be another.
    if (this.#last) folder.ids.flush(Number(this.#last.size));
    await folder.writePublic(this.#days.rest());
    const isSigned = this.#last?.size === this.recovered.tree.size;
    if (this.#last && this.#position !== undefined && isSigned) {
      await this.#writeState(this.#last.size, this.#position);
    }
  }

  async #step<Result>(step: PublishStep, work: () => Result | Promise<Result>): Promise<Result> {
    this.parts.beforeStep?.(step);
    return await work();
  }
}

/** The log was read twice, to be compared and to be written: it may have been exchanged between. */
function sameTree(
  last: SignedCheckpoint,
  { size, root }: Pick<SignedCheckpoint, 'size' | 'root'>,
): SignedCheckpoint {
  if (isSameRoot(last.root, root)) return last;
  throw new LedgerError(
    'ledger.log-does-not-extend',
    `the first ${size} events of the log are no longer those that were signed`,
  );
}
