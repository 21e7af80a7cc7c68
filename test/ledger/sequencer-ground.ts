import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes, randomUUID } from 'node:crypto';
import type { EventStore } from '#event-store/port';
import { MemoryEventStore, MemoryLog } from '#event-store/memory';
import { leafEntryOf } from '#evidence';
import { canonicalJson, Clock, Randomness, type Instant, type NewEvent } from '#kernel';
import {
  LedgerFolder,
  type LedgerParts,
  type OutsidePlace,
  type Published,
  type PublishStep,
  type SequencerOptions,
} from '#ledger';
import { openCheckpoint, parseSignerKey, TreeHead, verifierKeyOf, type VerifierKey } from '#merkle';

export const ORIGIN = 'redress.test/ledger';

export class TurnedClock extends Clock {
  constructor(public instant: Instant = '2026-11-22T10:00:00.000Z') {
    super();
  }
  override now(): Instant {
    return this.instant;
  }
}

export class SystemRandom extends Randomness {
  override bytes(length: number): Uint8Array {
    return randomBytes(length);
  }
}

/** An event as the product writes it: the ledger takes no other. */
export function ledgerEvent(note = 'sample'): NewEvent {
  const commandId = randomUUID();
  return {
    id: randomUUID(),
    type: 'SampleTaken',
    data: canonicalJson({ note }),
    metadata: canonicalJson({
      v: 1,
      actor: { id: 'clerk-1', role: 'handler', via: 'http' },
      recordedAt: '2026-11-22T10:00:00.000Z',
      commandId,
      correlationId: commandId,
      schemaVersion: 1,
      salt: randomBytes(16).toString('base64url'),
    }),
  };
}

export async function appendEvents(store: EventStore, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let left = count; left > 0; left -= 500) {
    const events = Array.from({ length: Math.min(left, 500) }, () => ledgerEvent());
    await store.append(`sample-${randomUUID()}`, 'no-stream', events);
    ids.push(...events.map(({ id }) => id));
  }
  return ids;
}

/** A place outside that lives in memory, and may be away. */
export class OutsideInMemory implements OutsidePlace {
  note: string | undefined;
  away: Error | undefined;
  forget(): void {
    this.note = undefined;
  }
  readonly read = async (): Promise<string | undefined> => {
    if (this.away) throw this.away;
    return this.note;
  };
  readonly write = async (note: string): Promise<void> => {
    if (this.away) throw this.away;
    this.note = note;
  };
}

/** A folder of its own, a log in memory, and the ways to sign one into the other. */
export class LedgerGround {
  readonly directory = mkdtempSync(join(tmpdir(), 'redress-ledger-'));
  log = new MemoryLog();
  store: EventStore = new MemoryEventStore({ log: this.log });
  readonly clock = new TurnedClock();
  readonly outside = new OutsideInMemory();
  readonly faults: unknown[] = [];
  /** Throws at this step, once. */
  failAt: PublishStep | undefined;
  readonly steps: PublishStep[] = [];
  readonly progress: number[] = [];

  get folder(): LedgerFolder {
    return new LedgerFolder(join(this.directory, 'ledger'));
  }

  get keyFile(): string {
    return join(this.directory, 'ledger.key');
  }

  parts(more: Partial<LedgerParts> = {}): LedgerParts {
    return {
      eventStore: this.store,
      folder: this.folder,
      keyFile: this.keyFile,
      origin: ORIGIN,
      clock: this.clock,
      randomness: new SystemRandom(),
      onProgress: ({ done }) => this.progress.push(done),
      beforeStep: (step) => {
        this.steps.push(step);
        if (step !== this.failAt) return;
        this.failAt = undefined;
        throw new Error(`cut off before ${step}`);
      },
      ...more,
    };
  }

  options(more: Partial<SequencerOptions> = {}): SequencerOptions {
    const times = {
      batchWindowMs: 5,
      takeOverAfterMs: 50,
      standbyLookMs: 5,
      retryFirstMs: 5,
      stalledLookMs: 5,
      cosignRetryFirstMs: 5,
    };
    return { ...this.parts(), onFault: (error) => this.faults.push(error), times, ...more };
  }

  /** Events on an own log, with what is in it now, as an old backup would have it. */
  copyOfLog(): MemoryLog {
    const copy = new MemoryLog();
    copy.add(this.log.all);
    for (const [name, mark] of this.log.marks) copy.marks.set(name, mark);
    return copy;
  }

  openLog(log: MemoryLog): void {
    this.log = log;
    this.store = new MemoryEventStore({ log });
  }

  async verifierKey(): Promise<VerifierKey> {
    return verifierKeyOf(parseSignerKey((await readFile(this.keyFile, 'utf8')).trim()));
  }

  /** The root over the first events of the log, computed without tiles. */
  rootOfLog(size: bigint): Uint8Array {
    const head = new TreeHead();
    for (const [index, event] of this.log.all.slice(0, Number(size)).entries()) {
      head.addEntry(leafEntryOf(event, { origin: ORIGIN, index }));
    }
    return head.root();
  }

  /** Whether a note is signed by our key over the first events of the log. */
  async signedSize(note: string | undefined): Promise<bigint> {
    if (note === undefined) throw new Error('there is no note');
    const { checkpoint } = openCheckpoint(note, [await this.verifierKey()]);
    if (Buffer.compare(checkpoint.root, this.rootOfLog(checkpoint.size)) !== 0) {
      throw new Error(`the root of size ${checkpoint.size} is not that of the log`);
    }
    return checkpoint.size;
  }

  async noteInFolder(): Promise<string | undefined> {
    const bytes = await this.folder.read('checkpoint');
    return bytes && Buffer.from(bytes).toString('utf8');
  }

  async noteInMark(): Promise<string | undefined> {
    const mark = await this.store.readMark('ledger');
    return mark && (JSON.parse(mark.value) as { note: string }).note;
  }

  /** Every public file, by its path. */
  async files(): Promise<readonly string[]> {
    const all = await readdir(join(this.directory, 'ledger'), {
      recursive: true,
      withFileTypes: true,
    });
    const prefix = join(this.directory, 'ledger').length + 1;
    return all
      .filter((one) => one.isFile())
      .map((one) => join(one.parentPath, one.name).slice(prefix))
      .toSorted();
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function sizeOf({ size }: Published): number {
  return Number(size);
}

/** Long enough for a busy machine. */
export function inTime(): AbortSignal {
  return AbortSignal.timeout(20_000);
}

/** Looks every few milliseconds until it is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const limit = inTime();
  while (!(await isSo())) {
    limit.throwIfAborted();
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
