import { Arrivals, pause } from '#event-store/port';
import { addSignatures, proveConsistency } from '#merkle';
import type { LedgerFolder } from '../tiles/ledger-folder.js';
import { CHECKPOINT_PATH, COSIGNED_PATH } from '../tiles/ledger-folder.js';
import { tileSourceOf } from '../tiles/tile-source.js';
import { LatestWorker } from './latest-worker.js';
import type { Cosigners, TimeStamps } from './ledger-parts.js';
import type { OutsidePlace } from './outside.js';
import type { Published } from './signing-session.js';

/** Whoever is told of a checkpoint once it is signed, and holds nothing up. */
export type AfterSigningParts = {
  readonly folder: LedgerFolder;
  readonly outside?: OutsidePlace;
  readonly cosigners?: Cosigners;
  readonly timestamps?: TimeStamps;
  readonly onFault: (error: unknown) => void;
  /** The last one published, with the signatures that it has by now. */
  readonly latest: () => Published | undefined;
  /** Takes cosignatures to the published note, unless a later one is out. */
  readonly onCosigned: (size: bigint, note: string) => Promise<void>;
};

const STAMP_RETRY_MS = 60_000;
/** How long the end waits for what is under way. */
const END_GRACE_MS = 5_000;

/** Takes each signed checkpoint out of the house: to the place outside, to witnesses, to a clock. */
export class AfterSigning {
  readonly #outside: LatestWorker<Published>;
  readonly #cosigning: LatestWorker<Published>;
  readonly #offered = new Arrivals();
  #stampFault: unknown;
  #stampedSize: bigint | undefined;

  constructor(private readonly parts: AfterSigningParts) {
    const { onFault, outside } = parts;
    this.#outside = new LatestWorker(async ({ note }) => await outside?.write(note), onFault);
    this.#cosigning = new LatestWorker((one) => this.#cosign(one), onFault);
  }

  /** What keeps a checkpoint from leaving the house, as errors; empty when all is well. */
  get faults(): readonly unknown[] {
    const faults = [this.#outside.fault, this.#cosigning.fault, this.#stampFault];
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
    const working = Promise.all([
      this.#outside.run(ending.signal),
      this.#cosigning.run(ending.signal),
      this.#stampAgainAndAgain(signal),
    ]);
    await aborted(signal);
    await this.settled(AbortSignal.timeout(END_GRACE_MS));
    ending.abort();
    await working;
  }

  /** Resolves when what was offered is outside and cosigned, could not be, or the signal aborts. */
  async settled(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#outside.idle(signal), this.#cosigning.idle(signal)]);
  }

  async #cosign({ note, size }: Published): Promise<void> {
    const tiles = tileSourceOf(this.parts.folder);
    const prove = async (oldSize: bigint) =>
      oldSize === 0n ? [] : await proveConsistency(tiles, oldSize, size);
    const lines = (await this.parts.cosigners?.cosign(note, prove)) ?? [];
    if (lines.length === 0) return;
    const cosigned = addSignatures(note, lines.map((line) => `${line.trimEnd()}\n`).join(''));
    await this.parts.onCosigned(size, cosigned);
  }

  async #stampAgainAndAgain(signal: AbortSignal): Promise<void> {
    const { timestamps } = this.parts;
    while (timestamps && !signal.aborted) {
      if ((this.parts.latest()?.size ?? 0n) === 0n) {
        await this.#offered.next(signal);
        continue;
      }
      const isDone = await this.#stampLatest(timestamps);
      await pause(isDone ? timestamps.everyMs : STAMP_RETRY_MS, signal);
    }
  }

  /** True when there was nothing to stamp, or it is stamped now. */
  async #stampLatest({ stamp }: TimeStamps): Promise<boolean> {
    const latest = this.parts.latest();
    if (!latest || latest.size === this.#stampedSize) return true;
    const path = `time/${latest.size}`;
    const { folder } = this.parts;
    try {
      if (!(await folder.read(`${path}.tsr`))) {
        const note = Buffer.from(latest.note);
        const token = await stamp(note);
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
