import type { EventStore } from '#event-store/port';
import { comparePositions, type Position } from '#kernel';
import { setTimeout as delay } from 'node:timers/promises';
import { RequestRefused } from './problem.js';

/** How long a read waits for the position it must have seen. */
export const POSITION_WAIT_MAX_MS = 2_000;

const POLL_MS = 20;

/**
 * Waits until the log reaches a position: another process may be the one that writes.
 * False when `timeoutMs` went by first.
 */
export async function logReaches(
  store: EventStore,
  position: Position,
  timeoutMs: number,
): Promise<boolean> {
  const pollsMax = Math.ceil(timeoutMs / POLL_MS);
  for (let polls = 0; polls <= pollsMax; polls += 1) {
    const head = await store.head();
    if (head !== undefined && comparePositions(head, position) >= 0) return true;
    if (polls < pollsMax) await delay(POLL_MS);
  }
  return false;
}

/** @throws RequestRefused `position.not-reached` unless it was reached. */
export async function mustReach(reached: Promise<boolean>, position: Position): Promise<void> {
  if (await reached) return;
  throw new RequestRefused('position.not-reached', `position ${position} is not reached yet`);
}
