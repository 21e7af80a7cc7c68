import type { EventStore } from '#event-store/port';
import type { Policy, VerifierKey } from '#merkle';
import type { LedgerFolder } from '../tiles/ledger-folder.js';
import type { DocumentSource } from '../packs/document-source.js';

/** What a pack is asked for, as the ledger knows it: a stream of bytes with a name for people. */
export type PackSubject = {
  readonly stream: string;
  /** Letters, digits, `.`, `_`, `-`. */
  readonly subject: string;
};

/** The ledger that a server shows. It may be signed in this process or in another. */
export type ServedLedger = {
  readonly eventStore: Pick<EventStore, 'readStream' | 'head' | 'countUpTo'>;
  readonly folder: LedgerFolder;
  /** Whether tiles may be missing because whoever signs has not made them anew yet. */
  readonly isBeingRebuilt: () => boolean;
  /** The log's key; undefined as long as none is known here. */
  readonly key: () => Promise<VerifierKey | undefined>;
  /** The stream that a reference or id means; undefined when it means none. */
  readonly subjectOf: (text: string) => Promise<PackSubject | undefined>;
  readonly documents: DocumentSource;
  /** The program with its version, as packs name it. */
  readonly generator: string;
  /** Whose quorum packs prefer. */
  readonly policy?: Policy | undefined;
};

/** Longest wait for a checkpoint that covers what is asked for; the sequencer signs within a second. */
export const COVERED_WAIT_MS = 2_000;
export const COVERED_LOOK_MS = 50;
/** Requests that wait for a checkpoint at one time; further ones are told to come again. */
export const COVERED_WAITING_MAX = 200;
/** Packs put together at one time, each of which is held in memory. */
export const PACKS_AT_ONCE_MAX = 2;
