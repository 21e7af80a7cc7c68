import type { LedgerParts } from './ledger-parts.js';
import { OutsideKeeper } from './outside-keeper.js';
import { LEAVES_PER_TURN_MAX, nextTurn, recover } from './recover.js';
import { SigningSession, type Published } from './signing-session.js';

/** Leaves whose tiles are written at once. */
const WRITTEN_TOGETHER_MAX = 65_536;

/**
 * Brings the ledger up to the head of the log and signs it, once; the checkpoint is outside too when
 * it resolves. Signs nothing when everything is signed already.
 *
 * @throws LedgerError, WrongExpectedRevision when another sequencer signs, StoreUnavailable,
 * AppendUnknown.
 */
export async function sequenceOnce(
  parts: LedgerParts,
  signal: AbortSignal = new AbortController().signal,
): Promise<Published> {
  const recovered = await recover(parts, signal);
  const session = new SigningSession(parts, recovered);
  const { eventStore, outside, onProgress } = parts;
  const head = await eventStore.head();
  const of = head === undefined ? 0 : await eventStore.countUpTo(head);
  let written = session.size;
  const start = session.position === undefined ? {} : { after: session.position };
  for await (const page of eventStore.readAll({ ...start, pageSize: LEAVES_PER_TURN_MAX })) {
    signal.throwIfAborted();
    session.add(page);
    if (session.size - written >= WRITTEN_TOGETHER_MAX) {
      await session.writeTiles();
      written = session.size;
      onProgress?.({ done: written, of });
    }
    await nextTurn();
  }
  const published = await session.publish();
  if (!published) throw new Error('the log ended before what was verified of it');
  await session.finish();
  if (outside) await new OutsideKeeper({ ...parts, outside }).put(published, signal);
  return published;
}
