import { decodeComplaintEvent, COMPLAINT_STREAM_KIND } from '#complaints/contract';
import { holdsPosition, pause, step, transact } from '#event-store/port';
import { uuidV5, type Position, type StoredEvent } from '#kernel';
import { raiseNotice } from '../features/raise-notice/raise-notice.decide.js';
import { KINDS_BY_CAUSE, noticeCalledFor } from '../features/raise-notice/causes.policy.js';
import { noticeIdOf, noticeReader, streamOfNotice } from '../notice/notice.reader.js';
import { findNewestNotice } from '../queries/find-notices.query.js';
import { RaisingContended } from './errors.js';
import type { NoticesOptions } from './notices-options.js';
import type { Progress } from './progress.js';
import { SYSTEM_ACTOR } from './system-actor.js';

/** Events gather for so long, so that a busy log is not read an event at a time. */
const GATHER_MS = 50;
const COMPLAINT_PREFIX = `${COMPLAINT_STREAM_KIND}-`;
/** Somebody else raises the same notice at the same time; it is then there at the next look. */
const CONFLICTS_MAX = 5;

export type Raising = Pick<
  NoticesOptions,
  'eventStore' | 'readModels' | 'clock' | 'randomness' | 'bookmark'
> & {
  readonly progress: Progress;
  /** Told of each notice that was raised now. */
  readonly onRaised: (noticeId: string) => void;
  /** Told how far the log is done with; the bookmark may go there, and need not at once. */
  readonly onHandled: (position: Position) => void;
};

/**
 * Follows the log and raises the notices that its events call for. Ids follow from the causes, so
 * reading a stretch of the log again, or by two processes at once, raises nothing twice.
 */
export async function raiseNotices(raising: Raising, signal: AbortSignal): Promise<void> {
  const after = await startOf(raising);
  const options = { signal, ...(after === undefined ? {} : { after }) };
  for await (const { events, caughtUp } of raising.eventStore.follow(options)) {
    for (const stored of events) {
      if (isCause(stored)) await raise(raising, stored);
    }
    const last = events.at(-1);
    if (last) raising.onHandled(last.position);
    raising.progress.went('raising');
    if (caughtUp) await pause(GATHER_MS, signal);
  }
}

/**
 * Where to go on. Without a bookmark of this log: at the cause of the newest notice, because causes
 * are handled in the order of the log; without any notice from the beginning.
 */
async function startOf({
  eventStore,
  readModels,
  bookmark,
}: Raising): Promise<Position | undefined> {
  const marked = await bookmark.position();
  // A log that was restored from a backup may end before it, or go another way from there.
  if (marked !== undefined && (await holdsPosition(eventStore, marked))) return marked;
  const newest = await findNewestNotice(readModels);
  if (!newest) return undefined;
  const { complaint, causeRevision } = newest;
  const [cause] = await eventStore.readStream(complaint, {
    from: causeRevision,
    to: causeRevision,
  });
  return cause?.position;
}

/** Told from the raw event, so that a log of imported complaints is passed by quickly. */
function isCause({ type, stream }: StoredEvent): boolean {
  return KINDS_BY_CAUSE.has(type) && stream.startsWith(COMPLAINT_PREFIX);
}

async function raise(raising: Raising, stored: StoredEvent): Promise<void> {
  const { eventStore, clock, randomness } = raising;
  const cause = decodeComplaintEvent(stored);
  if (cause.type !== 'ComplaintAcknowledged' && cause.type !== 'DecisionCommunicated') return;
  const now = clock.now();
  const command = noticeCalledFor(cause, now);
  if (!command) return;
  const noticeId = noticeIdOf(cause.id);
  const context = {
    commandId: uuidV5(noticeId, 'raise'),
    actor: SYSTEM_ACTOR,
    now,
    causationId: cause.id,
    correlationId: cause.metadata.correlationId,
  };
  const transaction = {
    stream: streamOfNotice(noticeId),
    reader: noticeReader,
    steps: [step(raiseNotice, command, context)],
  };
  for (let conflicts = 0; conflicts < CONFLICTS_MAX; conflicts += 1) {
    const raised = await transact(eventStore, randomness, transaction);
    if (raised.kind === 'rejected' && raised.code === 'revision.conflict') continue;
    // Any other refusal says that the stream has its notice, raised in other words.
    if (raised.kind === 'done' && raised.eventCount > 0) {
      raising.progress.count('raised');
      raising.onRaised(noticeId);
    }
    return;
  }
  throw new RaisingContended(noticeId);
}
