import type { EventStore } from '#event-store/port';
import { millisOf, type Instant, type StoredEvent } from '#kernel';
import { SystemClock } from '#wiring';
import { projections } from '../../contexts/contract.js';
import type { Answer } from './check.js';

/** A clock that was set back leaves events from the future behind. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** Whether this machine's clock is behind what the log says has been recorded already. */
export async function clockCheck(eventStore: EventStore): Promise<Answer> {
  const head = await eventStore.head();
  const now = new SystemClock().now();
  if (head === undefined) return { ok: true, detail: now };
  let recordedAt = now;
  for await (const page of eventStore.readAll({ from: head, to: head })) {
    const last = page.at(-1);
    if (last) recordedAt = recordedAtOf(last) ?? recordedAt;
  }
  const ok = millisOf(recordedAt) <= millisOf(now) + CLOCK_TOLERANCE_MS;
  const detail = ok ? `${now}, behind no event` : `${now}, but an event says ${recordedAt}`;
  return { ok, detail };
}

/** Read through the door of its context, so that an event of a newer version is told of here. */
function recordedAtOf(stored: StoredEvent): Instant | undefined {
  const source = projections.find(({ projection }) =>
    stored.stream.startsWith(`${projection.streamKind}-`),
  );
  return source?.decode(stored).metadata.recordedAt;
}
