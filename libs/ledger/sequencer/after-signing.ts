import { Arrivals, pause } from '#event-store/port';
import { addSignatures, proveConsistency } from '#merkle';
import { LedgerError } from '../ledger-error.js';
import type { LedgerFolder } from '../tiles/ledger-folder.js';
import { CHECKPOINT_PATH, COSIGNED_PATH } from '../tiles/ledger-folder.js';
import { tileSourceOf } from '../tiles/tile-source.js';
import { LatestWorker } from './latest-worker.js';
import type { Cosigners, TimeStamps } from './ledger-parts.js';
import { orAborted } from './or-aborted.js';
import type { OutsideKeeper } from './outside-keeper.js';
import type { Published } from './signing-session.js';

/** Whoever is told of a checkpoint once it is signed, and holds nothing up. */
export type AfterSigningParts = {
  readonly folder: LedgerFolder;
  readonly outside?: Pick<OutsideKeeper, 'put'>;
  readonly cosigners?: Cosigners;
  readonly timestamps?: TimeStamps;
  readonly onFault: (error: unknown) => void;
  /** The last one published, with the signatures that it has by now. */
  readonly latest: () => Published | undefined;
  /** Takes cosignatures to the published note, unless a later one is out. */
  readonly onCosigned: (size: bigint, note: string) => Promise<void>;
  /** Outside is a checkpoint of ours that is not of this log: nothing more may be signed. */
  readonly onForked: (error: LedgerError) => void;
  /** How long the end waits for what is under way before it gives that up. */
  readonly endGraceMs: number;
  /** When witnesses that did not cosign are first asked again. */
  readonly cosignRetryFirstMs: number;
};

const STAMP_RETRY_MS = 60_000;
const COSIGN_RETRY_MAX_MS = 60_000;

/** Takes each signed checkpoint out of the house: to the place outside, to witnesses, to a clock. */
export class AfterSigning {
  readonly #outside: LatestWorker<Published>;
  readonly #cosigning: LatestWorker<Published>;
  readonly #offered = new Arrivals();
  readonly #rounds = new Arrivals();
  #stampFault: unknown;
  #stampedSize: bigint | undefined;

  constructor(private readonly parts: AfterSigningParts) {
    const { onFault } = parts;
    this.#outside = new LatestWorker((one, signal) => this.#putOutside(one, signal), onFault);
    this.#cosigning = new LatestWorker((one, signal) => this.#cosign(one, signal), onFault);
  }

  /** What keeps a checkpoint from leaving the house, as errors; empty when all is well. */
  get faults(): readonly unknown[] {
    const missing = this.parts.cosigners?.missing ?? [];
    const faults = [this.#outside.fault, this.#cosigning.fault, this.#stampFault, ...missing];
    return faults.filter((fault) => fault !== undefined);
  }

  offer(published: Published): void {
    if (this.parts.outside) this.#outside.offer(published);
    if (this.parts.cosigners) this.#cosigning.offer(published);
    this.#offered.announce();
  }

  /** Works until the signal aborts; then gives what is under way its time. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const ending = new AbortController();
    const stamping = this.#stampAgainAndAgain(signal, ending.signal);
    const working = Promise.all([
      this.#outside.run(ending.signal),
      this.#cosigning.run(ending.signal),
      this.#cosignAgain(signal),
      stamping,
    ]);
    await aborted(signal);
    const grace = new AbortController();
    const timer = setTimeout(() => grace.abort(), this.parts.endGraceMs);
    await Promise.race([
      aborted(grace.signal),
      Promise.all([this.settled(grace.signal), stamping]),
    ]);
    clearTimeout(timer);
    ending.abort(new LedgerError('ledger.stopped', 'given up, as the process ends'));
    await working;
  }

  /** Resolves when what was offered is outside and cosigned, could not be, or the signal aborts. */
  async settled(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#outside.idle(signal), this.#cosigning.idle(signal)]);
  }

  async #putOutside(published: Published, signal: AbortSignal): Promise<void> {
    const { outside, onForked } = this.parts;
    if (!outside) return;
    try {
      await orAborted(outside.put(published, signal), signal);
    } catch (error) {
      if (error instanceof LedgerError && error.code === 'ledger.forked') onForked(error);
      throw error;
    }
  }

  async #cosign({ note, size }: Published, signal: AbortSignal): Promise<void> {
    const { folder, cosigners } = this.parts;
    if (!cosigners) return;
    const tiles = tileSourceOf(folder);
    const prove = async (oldSize: bigint) =>
      oldSize === 0n ? [] : await proveConsistency(tiles, oldSize, size);
    const lines = await orAborted(cosigners.cosign(note, prove, signal), signal);
    this.#rounds.announce();
    if (lines.length === 0) return;
    const cosigned = addSignatures(note, lines.map((line) => `${line.trimEnd()}\n`).join(''));
    await this.parts.onCosigned(size, cosigned);
  }

  /**
   * Asks witnesses again that did not cosign: a log at rest has no next checkpoint to ask them with.
   * One that does come is theirs at once, however long the others have been away.
   */
  async #cosignAgain(signal: AbortSignal): Promise<void> {
    const { cosigners, latest, cosignRetryFirstMs: firstMs } = this.parts;
    let pauseMs = firstMs;
    while (!signal.aborted) {
      if ((cosigners?.missing ?? []).length === 0) {
        pauseMs = firstMs;
        await this.#rounds.next(signal);
        continue;
      }
      await pause(pauseMs, signal);
      pauseMs = Math.min(pauseMs * 2, COSIGN_RETRY_MAX_MS);
      const last = latest();
      if (last && !signal.aborted) this.#cosigning.offer(last);
      await this.#cosigning.idle(signal);
    }
  }

  async #stampAgainAndAgain(signal: AbortSignal, ending: AbortSignal): Promise<void> {
    const { timestamps } = this.parts;
    while (timestamps && !signal.aborted) {
      if ((this.parts.latest()?.size ?? 0n) === 0n) {
        await this.#offered.next(signal);
        continue;
      }
      const isDone = await this.#stampLatest(timestamps, ending);
      await pause(isDone ? timestamps.everyMs : STAMP_RETRY_MS, signal);
    }
  }

  /** True when there was nothing to stamp, or it is stamped now. */
  async #stampLatest({ stamp }: TimeStamps, ending: AbortSignal): Promise<boolean> {
    const latest = this.parts.latest();
    if (!latest || latest.size === this.#stampedSize) return true;
    const path = `time/${latest.size}`;
    const { folder } = this.parts;
    try {
      if (!(await folder.read(`${path}.tsr`))) {
        const note = Buffer.from(latest.note);
        const token = await orAborted(stamp(note, ending), ending);
        // The note first: a token without the bytes that it is over says nothing.
        await folder.writePublic([{ path: `${path}.note`, bytes: note }]);
        await folder.writePublic([{ path: `${path}.tsr`, bytes: token }]);
      }
      this.#stampedSize = latest.size;
      this.#stampFault = undefined;
      return true;
    } catch (error) {
      this.#stampFault = error;
      this.parts.onFault(error);
      return false;
    }
  }
}

/** Where a cosigned note goes: it is kept apart, since the latest one may have no cosignature yet. */
export async function keepCosigned(
  folder: LedgerFolder,
  note: string,
  latest: 'latest' | 'superseded',
): Promise<void> {
  const bytes = Buffer.from(note);
  const paths = latest === 'latest' ? [COSIGNED_PATH, CHECKPOINT_PATH] : [COSIGNED_PATH];
  await folder.writePublic(paths.map((path) => ({ path, bytes })));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
