import type { Position } from '#kernel';
import type { Connection } from './connection.js';
import { Inlet, ReadStalled } from './inlet.js';
import { subscriptionRequest } from './read-messages.js';

/** A rest ends by itself after so long, lest a subscription that went silent be trusted for ever. */
const REST_MAX_MS = 30_000;

/** How a rest ended: by an event, by time, or with the subscription. */
export type Ring = 'event' | 'time' | 'broken';

/**
 * Waits with a subscription until something may have come after a position. What it brings is thrown
 * away: the server drops a subscriber that lags 32 events behind, however quick, so that nothing can
 * be built on it but "look again".
 */
export async function restUntilRung(
  connection: Connection,
  after: Position | undefined,
  signal: AbortSignal,
): Promise<Ring> {
  let inlet: Inlet | undefined;
  try {
    const patience = { stallMs: REST_MAX_MS, signal };
    inlet = await Inlet.open(connection, subscriptionRequest(after), patience);
    for (let batch = await inlet.take(); batch; batch = await inlet.take()) {
      if (batch.some((response) => response.hasEvent())) return 'event';
    }
    return 'broken';
  } catch (error) {
    // Whatever it broke with, what is stored is read next, and that meets the fault if it lasts.
    return error instanceof ReadStalled || signal.aborted ? 'time' : 'broken';
  } finally {
    inlet?.close();
  }
}
