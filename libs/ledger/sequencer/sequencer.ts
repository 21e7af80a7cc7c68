import { Arrivals, pause, WrongExpectedRevision } from '#event-store/port';
import type { Instant, Position } from '#kernel';
import { removeHalfWritten, removeHalfWrittenOf } from '../half-written.js';
import { LedgerError } from '../ledger-error.js';
import { AfterSigning, keepCosigned } from './after-signing.js';
import {
  type Cosigners,
  type LedgerParts,
  type RebuildProgress,
  type TimeStamps,
} from './ledger-parts.js';
import { orAborted } from './or-aborted.js';
import { OutsideKeeper } from './outside-keeper.js';
import { LEAVES_PER_TURN_MAX, nextTurn, recover } from './recover.js';
import { PendingLeaves } from './pending-leaves.js';
import { SigningSession, type Published } from './signing-session.js';
import { StalledLog } from './stalled-log.js';
import { isPassing, standBy } from './stand-by.js';
import { covers, Waiters } from './waiters.js';

/**
 * How long an event waits for others that are read, written and signed with it. A checkpoint costs
 * some ten new files, whatever it covers: at a thousand events a second, a window of 200 ms took
 * twice as much from complaints as this one, which leaves half of the second that is allowed.
 */
export const BATCH_WINDOW_MS = 400;
/** Leaves that wait to be signed; the log is not read on until they are. */
const UNSIGNED_MAX = 65_536;
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 30_000;
/** Another sequencer that has signed nothing for so long, though there is something to sign, is gone. */
const TAKE_OVER_AFTER_MS = 10_000;
const STANDBY_LOOK_MS = 1_000;
/** How often it is counted what is not signed, while nothing can be. */
const STALLED_LOOK_MS = 10_000;
/** Witnesses that did not cosign are asked again, twice as late each time up to a minute. */
const COSIGN_RETRY_FIRST_MS = 1_000;
/** How long the end waits for what takes checkpoints out of the house; then it is given up. */
const END_GRACE_MS = 5_000;

/** For tests: how long things take. */
export type SequencerTimes = {
  readonly batchWindowMs: number;
  readonly takeOverAfterMs: number;
  readonly standbyLookMs: number;
  readonly retryFirstMs: number;
  readonly stalledLookMs: number;
  readonly cosignRetryFirstMs: number;
  readonly endGraceMs: number;
};

const TIMES: SequencerTimes = {
  batchWindowMs: BATCH_WINDOW_MS,
  takeOverAfterMs: TAKE_OVER_AFTER_MS,
  standbyLookMs: STANDBY_LOOK_MS,
  retryFirstMs: RETRY_FIRST_MS,
  stalledLookMs: STALLED_LOOK_MS,
  cosignRetryFirstMs: COSIGN_RETRY_FIRST_MS,
  endGraceMs: END_GRACE_MS,
};

export type SequencerOptions = LedgerParts & {
  readonly cosigners?: Cosigners;
  readonly timestamps?: TimeStamps;
  /** Told of each fault as it is met: those that are waited out again and again. */
  readonly onFault: (error: unknown) => void;
  readonly times?: Partial<SequencerTimes>;
};

/**
 * `recovering`: finds out what was signed. `signing`: all is well. `standby`: another one signs.
 * `waiting`: a fault is waited out. `refused`: nothing is signed until somebody has looked.
 */
export type SequencerPhase =
  'recovering' | 'signing' | 'standby' | 'waiting' | 'refused' | 'stopped';

export type SequencerState = {
  readonly phase: SequencerPhase;
  /** Leaves of the last checkpoint, as far as it could be read. */
  readonly size: number;
  /** Of the last checkpoint, in hexadecimal. */
  readonly root?: string;
  /** When this process last published one. */
  readonly signedAt?: Instant;
  /** Events of the log that are not signed yet: of those read, and of all while nothing is signed. */
  readonly unsigned: number;
  /** Code of what it waits for or was refused by. */
  readonly code?: string;
  readonly problem?: string;
  /** Codes of what keeps signed checkpoints from leaving the house. */
  readonly outsideFaults: readonly string[];
  readonly rebuilding?: RebuildProgress;
};

/** What follows the log and signs it. */
export type Sequencer = {
  readonly state: SequencerState;
  /** The last checkpoint that this process signed or found signed. */
  readonly latest: Published | undefined;
  /**
   * Resolves with a checkpoint that covers the event at this position.
   * @throws LedgerError the refusal, or `ledger.stopped`; the signal's reason when it aborts.
   */
  settled(position: Position, signal: AbortSignal): Promise<Published>;
  /** Signs what the log has by now, unless it is far behind, and ends. Idempotent. */
  stop(): Promise<void>;
};

/** Starts to follow the log and sign it; what goes wrong is in its state, and complaints go on. */
export function startSequencer(options: SequencerOptions): Sequencer {
  return new RunningSequencer(options);
}

class RunningSequencer implements Sequencer {
  readonly #stopping = new AbortController();
  readonly #halting = new AbortController();
  readonly #faulty = new Arrivals();
  readonly #waiters = new Waiters();
  readonly #times: SequencerTimes;
  readonly #after: AfterSigning;
  readonly #stalled: StalledLog;
  readonly #ended: Promise<unknown>;
  #phase: SequencerPhase = 'recovering';
  #latest: Published | undefined;
  #signedAt: Instant | undefined;
  #unsigned = 0;
  #fault: unknown;
  /** Another one signs with this key. */
  #fork: LedgerError | undefined;
  #rebuilding: RebuildProgress | undefined;
  /** One after the other, so that none puts an older checkpoint over a newer one. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: SequencerOptions) {
    this.#times = { ...TIMES, ...options.times };
    const { folder, outside, cosigners, timestamps, onFault } = options;
    this.#stalled = new StalledLog(options);
    this.#after = new AfterSigning({
      folder,
      ...(outside ? { outside: new OutsideKeeper({ ...options, outside }) } : {}),
      ...(cosigners ? { cosigners } : {}),
      ...(timestamps ? { timestamps } : {}),
      onFault,
      latest: () => this.#latest,
      onCosigned: (size, note) => this.#keepCosigned(size, note),
      onForked: (error) => this.#halt(error),
      endGraceMs: this.#times.endGraceMs,
      cosignRetryFirstMs: this.#times.cosignRetryFirstMs,
    });
    const { signal } = this.#stopping;
    const running = [
      this.#keepSigning(signal),
      this.#after.run(signal),
      this.#watch(signal),
      this.#tidy(),
    ];
    this.#ended = Promise.all(running);
  }

  get latest(): Published | undefined {
    return this.#latest;
  }

  get state(): SequencerState {
    const fault = this.#fault;
    return {
      phase: this.#phase,
      size: Number(this.#latest?.size ?? this.#stalled.signedSize),
      ...(this.#latest ? { root: Buffer.from(this.#latest.root).toString('hex') } : {}),
      ...(this.#signedAt === undefined ? {} : { signedAt: this.#signedAt }),
      unsigned: fault === undefined ? this.#unsigned : this.#stalled.unsigned,
      ...(fault instanceof Error ? { code: codeOf(fault), problem: fault.message } : {}),
      outsideFaults: this.#after.faults.map(codeOf),
      ...(this.#rebuilding ? { rebuilding: this.#rebuilding } : {}),
    };
  }

  async settled(position: Position, signal: AbortSignal): Promise<Published> {
    if (this.#latest && covers(this.#latest, position)) return this.#latest;
    signal.throwIfAborted();
    const ended = this.#endedBy();
    if (ended) throw ended;
    return await this.#waiters.wait(position, signal);
  }

  /** Why nothing more will be signed; undefined while something may. */
  #endedBy(): Error | undefined {
    if (this.#phase === 'refused' && this.#fault instanceof Error) return this.#fault;
    if (this.#phase !== 'stopped' && this.#phase !== 'refused') return undefined;
    return new LedgerError('ledger.stopped', 'the sequencer ended before it came so far');
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #keepSigning(signal: AbortSignal): Promise<void> {
    let pauseMs = this.#times.retryFirstMs;
    while (!signal.aborted) {
      try {
        this.#phase = 'recovering';
        await this.#signUntil(signal, () => {
          pauseMs = this.#times.retryFirstMs;
        });
      } catch (error) {
        if (signal.aborted && !isFault(error)) break;
        if (await this.#standBy(error, signal)) continue;
        this.#meet(error);
        if (this.#phase === 'refused') break;
        await pause(pauseMs, signal);
        pauseMs = Math.min(pauseMs * 2, RETRY_MAX_MS);
      }
    }
    if (this.#phase !== 'refused') this.#phase = 'stopped';
    this.#waiters.end(this.#endedBy());
  }

  #meet(error: unknown): void {
    this.#fault = error;
    this.#phase = isPassing(error) ? 'waiting' : 'refused';
    this.#faulty.announce();
    this.options.onFault(error);
  }

  /** A further checkpoint would widen the fork; whoever finds out is to find the two as they were. */
  #halt(error: LedgerError): void {
    this.#fork ??= error;
    this.#halting.abort();
  }

  /** Beside signing, which has no need of it. */
  async #tidy(): Promise<void> {
    const { folder, keyFile, clock, onFault } = this.options;
    const nowMs = Date.parse(clock.now());
    try {
      await removeHalfWrittenOf(keyFile, nowMs);
      await removeHalfWritten(folder.directory, nowMs);
    } catch (error) {
      onFault(error);
    }
  }

  /** Counts what is not signed, as long as there is a fault. */
  async #watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#fault === undefined) {
        await this.#faulty.next(signal);
        continue;
      }
      await Promise.allSettled([orAborted(this.#stalled.look(this.#latest?.size), signal)]);
      await pause(this.#times.stalledLookMs, signal);
    }
  }

  async #signUntil(signal: AbortSignal, onSigned: () => void): Promise<void> {
    const parts: LedgerParts = {
      ...this.options,
      onProgress: (progress) => {
        this.#rebuilding = progress;
        this.options.onProgress?.(progress);
      },
    };
    const recovered = await recover(parts, signal);
    const session = new SigningSession(parts, recovered);
    const ending = new AbortController();
    const ended = AbortSignal.any([signal, ending.signal, this.#halting.signal]);
    const work = new PendingLeaves(session);
    const ends = [this.#read(work, ended), this.#sign(work, ended, onSigned)];
    try {
      await Promise.all(ends);
      if (this.#fork) throw this.#fork;
      if (work.caughtUp) await this.#readRest(work);
      if (work.isDue) await this.#signRead(work, onSigned);
    } finally {
      ending.abort();
      await Promise.allSettled(ends);
      this.#unsigned = 0;
    }
    await session.finish();
  }

  /** Reads the log into the tree, some leaves a turn. */
  async #read(work: PendingLeaves, signal: AbortSignal): Promise<void> {
    const { session } = work;
    const after = session.position;
    const { eventStore } = this.options;
    const start = after === undefined ? {} : { after };
    const lingerMs = this.#times.batchWindowMs;
    const pages = eventStore.follow({ ...start, signal, lingerMs, pageSize: LEAVES_PER_TURN_MAX });
    for await (const page of pages) {
      work.add(page);
      this.#unsigned = work.unsigned;
      await nextTurn();
      while (work.unsigned >= UNSIGNED_MAX && !signal.aborted) await work.signed.next(signal);
    }
  }

  /** What came while the follower waited for more, as far as the log has it now. */
  async #readRest(work: PendingLeaves): Promise<void> {
    const after = work.session.position;
    const start = after === undefined ? {} : { after };
    const pages = this.options.eventStore.readAll({ ...start, pageSize: LEAVES_PER_TURN_MAX });
    for await (const events of pages) {
      work.add({ events, caughtUp: true });
      if (work.unsigned >= UNSIGNED_MAX) return;
      await nextTurn();
    }
  }

  /** Signs what was read, so many times a second and no more; at the end once more. */
  async #sign(work: PendingLeaves, signal: AbortSignal, onSigned: () => void): Promise<void> {
    for (;;) {
      if (!work.isDue && signal.aborted) return;
      if (!work.isDue) {
        await work.arrived.next(signal);
        continue;
      }
      // What is read at the head of the log has waited; only on the way there is it to be gathered.
      if (!work.caughtUp) await pause(this.#times.batchWindowMs - work.waitedMs(), signal);
      await this.#signRead(work, onSigned);
    }
  }

  async #signRead(work: PendingLeaves, onSigned: () => void): Promise<void> {
    const { size, published } = await this.#inTurn(async () => {
      if (this.#fork) throw this.#fork;
      const taken = work.take();
      return { size: taken, published: await work.session.publish() };
    });
    work.markSigned(size);
    this.#unsigned = work.unsigned;
    if (!published) return;
    this.#rebuilding = undefined;
    onSigned();
    this.#tell(published);
  }

  #tell(published: Published): void {
    this.#latest = published;
    this.#signedAt = this.options.clock.now();
    this.#phase = 'signing';
    this.#fault = undefined;
    this.#waiters.published(published);
    this.#after.offer(published);
  }

  /** True when another sequencer was quicker, and by now it is this one's turn. */
  async #standBy(error: unknown, signal: AbortSignal): Promise<boolean> {
    if (!(error instanceof WrongExpectedRevision)) return false;
    this.#phase = 'standby';
    this.#fault = undefined;
    await standBy(this.options, this.#times, signal);
    return true;
  }

  #keepCosigned(size: bigint, note: string): Promise<void> {
    return this.#inTurn(async () => {
      const latest = this.#latest;
      const isLatest = latest?.size === size;
      await keepCosigned(this.options.folder, note, isLatest ? 'latest' : 'superseded');
      if (latest && isLatest) this.#latest = { ...latest, note };
    });
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#writing.then(work);
    this.#writing = result.catch(() => undefined);
    return result;
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** What a signal throws when it aborts is none. */
function isFault(error: unknown): boolean {
  return !(error instanceof Error && error.name === 'AbortError');
}
