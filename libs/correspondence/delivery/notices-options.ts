import type { EventStore, SaltedId } from '#event-store/port';
import type { Clock, Randomness } from '#kernel';
import type { Bookmark, MailTransport, NoticeQueue } from '#notices/port';
import type { ReadModels } from '#read-models/port';
import { ATTEMPT_TIMEOUT_MS } from '../notice/notice.limits.js';

/** What delivering notices needs of the process around it. */
export type NoticesOptions = {
  readonly eventStore: EventStore;
  readonly readModels: ReadModels;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Closed by {@link Notices.stop}, as is `mail`. */
  readonly queue: NoticeQueue;
  readonly mail: MailTransport;
  readonly bookmark: Bookmark;
  /** Absolute address of an event's proof, for letters; absent where none can be given. */
  readonly receiptOf?: ((event: SaltedId) => string) | undefined;
  /** Told of every fault, those that are waited out included. Holds no personal data. */
  readonly onFault: (error: unknown) => void;
  /** For tests, which do not wait for minutes. */
  readonly limits?: Partial<NoticesLimits>;
};

export type NoticesLimits = {
  /** How often the read model is asked for what is due, and the bookmark moved. */
  readonly tickMs: number;
  /** For how long an attempt is its maker's alone. */
  readonly attemptTimeoutMs: number;
  /** Deliveries under way at one time. */
  readonly concurrencyMax: number;
  /** What is being delivered when told to stop may take so long. */
  readonly stopGraceMs: number;
};

export const NOTICES_LIMITS: NoticesLimits = {
  tickMs: 1_000,
  attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
  concurrencyMax: 4,
  stopGraceMs: 10_000,
};

export type NoticesState = {
  readonly running: boolean;
  /** Since the process started, as are the other counts. */
  readonly raised: number;
  readonly sent: number;
  readonly deferred: number;
  readonly failed: number;
  /** Notices to be sent now, as last seen; what waits for its next attempt is not among them. */
  readonly due: number;
  /** Codes of what is being waited for to come back or be set right; empty when all is well. */
  readonly waitingFor: readonly string[];
};
