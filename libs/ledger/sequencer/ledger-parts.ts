import type { EventStore } from '#event-store/port';
import type { Clock, Randomness } from '#kernel';
import type { LedgerFolder } from '../tiles/ledger-folder.js';
import type { OutsidePlace } from './outside.js';

/** Proof that a tree of the old size is how the one being cosigned begins (RFC 9162 §2.1.4). */
export type ProveFrom = (oldSize: bigint) => Promise<readonly Uint8Array[]>;

/**
 * Whoever cosigns checkpoints. Answers signature lines without line feeds, none when nobody
 * answered; those who are on the note already are not asked. Bounded in time; called once at a time;
 * what is under way is given up when the signal aborts.
 */
export type Cosigners = {
  readonly cosign: (
    note: string,
    prove: ProveFrom,
    signal: AbortSignal,
  ) => Promise<readonly string[]>;
  /** Why the others did not in the last round, one for each: they are asked again. */
  readonly missing?: readonly unknown[];
};

/** Whoever vouches for the time of a note. */
export type TimeStamps = {
  readonly everyMs: number;
  /** The answer of an RFC 3161 authority over exactly these bytes. */
  readonly stamp: (note: Uint8Array, signal: AbortSignal) => Promise<Uint8Array>;
};

/** What is done for one checkpoint, in this order. */
export type PublishStep = 'tiles' | 'sign' | 'mark' | 'checkpoint' | 'state' | 'superseded' | 'ids';

/** How far rebuilding is, in leaves. */
export type RebuildProgress = { readonly done: number; readonly of: number };

/** What signing one log takes. */
export type LedgerParts = {
  readonly eventStore: EventStore;
  readonly folder: LedgerFolder;
  readonly keyFile: string;
  readonly origin: string;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly outside?: OutsidePlace;
  /** Told now and then while the log is read from its start. */
  readonly onProgress?: (progress: RebuildProgress) => void;
  /** For fault tests: called before each step of publishing; what it throws ends the step. */
  readonly beforeStep?: (step: PublishStep) => void;
};

/** The mark beside the log that the last signed checkpoint is kept in. */
export const LEDGER_MARK = 'ledger';
