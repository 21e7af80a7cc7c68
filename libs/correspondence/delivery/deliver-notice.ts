import { pause, step, transact, type Decide, type Transacted } from '#event-store/port';
import { uuidV4, uuidV5, type Rejection } from '#kernel';
import type { Mail } from '#notices/port';
import { attemptDelivery } from '../features/attempt-delivery/attempt-delivery.decide.js';
import { giveUpNotice } from '../features/give-up-notice/give-up-notice.decide.js';
import { settleAttempt, type Outcome } from '../features/settle-attempt/settle-attempt.decide.js';
import type { NoticeEvent } from '../notice/notice.events.js';
import { ATTEMPTS_MAX } from '../notice/notice.limits.js';
import { decodeNoticeEvent, noticeReader, streamOfNotice } from '../notice/notice.reader.js';
import { evolveNotice, type Notice } from '../notice/notice.state.js';
import type { FailureCode } from '../notice/notice.vocabulary.js';
import type { NoticesLimits, NoticesOptions } from './notices-options.js';
import type { Progress } from './progress.js';
import { SYSTEM_ACTOR } from './system-actor.js';
import { writeLetter } from './write-letter.js';

const COMMAND_ID_BYTES = 16;
const SETTLE_DELAY_FIRST_MS = 50;
const SETTLE_DELAY_MAX_MS = 1_000;

export type Delivering = Pick<
  NoticesOptions,
  'eventStore' | 'clock' | 'randomness' | 'mail' | 'receiptOf'
> & {
  readonly limits: Pick<NoticesLimits, 'attemptTimeoutMs'>;
  readonly progress: Progress;
  /** Nothing more can be recorded: the process ends. */
  readonly ended: AbortSignal;
};

/** A notice that may be tried now, as the log has it. */
type Due = {
  readonly noticeId: string;
  readonly notice: Notice;
  /** Of the stream's last event. Who appends behind it knows all that was known. */
  readonly revision: number;
  readonly cause: { readonly causationId: string; readonly correlationId: string };
};

/**
 * Sends a notice, unless the log says that somebody has, or is about to. The attempt is recorded
 * before the mail goes out, behind the very revision that was read: of two who try, one gets it.
 *
 * The one window: a process that dies between a mail server's yes and the recording of it leaves an
 * attempt of which nothing is known, and after its time it is made again. The outbox then finds the
 * file that it wrote; a mail server gets the same mail with the same Message-ID once more.
 */
export async function deliverNotice(delivering: Delivering, noticeId: string): Promise<void> {
  const due = await readDue(delivering, noticeId);
  if (!due) return;
  if (due.notice.attemptsInRow >= ATTEMPTS_MAX) {
    await giveUp(delivering, due, 'notice.abandoned');
    return;
  }
  const written = await writeLetter(delivering, noticeId, due.notice);
  if (written.kind === 'nobody') await giveUp(delivering, due, written.code);
  else await attempt(delivering, due, written.mail);
}

async function readDue(
  { eventStore, clock }: Delivering,
  noticeId: string,
): Promise<Due | undefined> {
  const stored = await eventStore.readStream(streamOfNotice(noticeId));
  const events = stored.map(decodeNoticeEvent);
  const notice = events.reduce(evolveNotice, undefined as Notice | undefined);
  const first = events[0];
  if (!notice || !first || notice.dueAt === undefined || notice.dueAt > clock.now()) {
    return undefined;
  }
  const { correlationId } = first.metadata;
  const cause = { causationId: notice.causeId, correlationId };
  return { noticeId, notice, revision: events.length - 1, cause };
}

async function giveUp(delivering: Delivering, due: Due, code: FailureCode): Promise<void> {
  const decide: Command<{ readonly code: FailureCode }> = [giveUpNotice, { code }];
  const given = await record(delivering, due, decide, newCommandId(delivering));
  if (given.kind === 'done') delivering.progress.count('failed');
}

async function attempt(delivering: Delivering, due: Due, mail: Mail): Promise<void> {
  const { attemptTimeoutMs } = delivering.limits;
  const startedAt = performance.now();
  const claim: Command<{ readonly timeoutMs: number }> = [
    attemptDelivery,
    { timeoutMs: attemptTimeoutMs },
  ];
  const commandId = newCommandId(delivering);
  const claimed = await record(delivering, due, claim, commandId);
  // Refused: somebody else took it meanwhile.
  if (claimed.kind === 'rejected') return;
  // Recording took so long that others may soon take the attempt for abandoned: then it is theirs.
  if (performance.now() - startedAt > attemptTimeoutMs / 2) return;
  const outcome = await delivering.mail.send(mail);
  const held = { ...due, revision: claimed.revision };
  const deadline = startedAt + attemptTimeoutMs;
  if (
    await settle(delivering, held, outcome, { commandId: uuidV5(commandId, 'settle'), deadline })
  ) {
    delivering.progress.count(countOf(outcome, due.notice));
  }
}

function countOf(outcome: Outcome, { attemptsInRow }: Notice): 'sent' | 'failed' | 'deferred' {
  if (outcome.kind === 'accepted') return 'sent';
  const isLast = outcome.kind === 'refused' || attemptsInRow + 1 >= ATTEMPTS_MAX;
  return isLast ? 'failed' : 'deferred';
}

/**
 * Records how it went, and does not give up easily: what is not recorded is sent again.
 * @throws the last fault, once the attempt's time is over or the process ends.
 */
async function settle(
  delivering: Delivering,
  due: Due,
  outcome: Outcome,
  { commandId, deadline }: { readonly commandId: string; readonly deadline: number },
): Promise<boolean> {
  const command: Command<{ readonly attempt: number; readonly outcome: Outcome }> = [
    settleAttempt,
    { attempt: due.notice.attempts + 1, outcome },
  ];
  for (
    let delayMs = SETTLE_DELAY_FIRST_MS;
    ;
    delayMs = Math.min(delayMs * 2, SETTLE_DELAY_MAX_MS)
  ) {
    try {
      const settled = await record(delivering, due, command, commandId);
      return settled.kind === 'done';
    } catch (error) {
      if (delivering.ended.aborted || performance.now() > deadline) throw error;
      delivering.progress.met('delivering', error);
      await pause(delayMs, delivering.ended);
    }
  }
}

type Command<Data> = readonly [Decide<Notice | undefined, Data, NoticeEvent>, Data];

async function record<Data>(
  { eventStore, clock, randomness }: Delivering,
  { noticeId, revision, cause }: Due,
  [decide, data]: Command<Data>,
  commandId: string,
): Promise<Transacted | Rejection> {
  const context = { commandId, actor: SYSTEM_ACTOR, now: clock.now(), ...cause };
  return await transact(eventStore, randomness, {
    stream: streamOfNotice(noticeId),
    reader: noticeReader,
    steps: [step(decide, data, context)],
    ifRevision: revision,
  });
}

function newCommandId({ randomness }: Delivering): string {
  return uuidV4(randomness.bytes(COMMAND_ID_BYTES));
}
