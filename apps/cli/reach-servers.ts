import { setTimeout as delay } from 'node:timers/promises';
import { StoreUnavailable } from '#event-store/port';
import { ReadModelsUnavailable } from '#read-models/port';
import type { Probe } from '#wiring';
import { note } from './output.js';

/** How long a command waits for a server; a process that serves waits for ever. */
export const GIVE_UP_AFTER_MS = 10_000;
const PAUSE_FIRST_MS = 100;
const PAUSE_MAX_MS = 1_000;

const NAMES = { eventstore: 'EventStoreDB', mongodb: 'MongoDB', redis: 'Redis' } as const;

/**
 * Waits until every server answers, telling of those that it waits for.
 * @throws StoreUnavailable, ReadModelsUnavailable naming the server after {@link GIVE_UP_AFTER_MS}.
 */
export async function reachServers(
  probes: readonly Probe[],
  giveUpAfterMs = GIVE_UP_AFTER_MS,
): Promise<void> {
  await Promise.all(probes.map((probe) => reach(probe, performance.now() + giveUpAfterMs)));
}

async function reach(probe: Probe, giveUpAtMs: number): Promise<void> {
  const { name, address } = probe;
  const server = `${NAMES[name]} at ${address}`;
  let pauseMs = PAUSE_FIRST_MS;
  for (;;) {
    try {
      return await probe.ping();
    } catch (cause) {
      if (pauseMs === PAUSE_FIRST_MS) note(`${server} does not answer; trying again`);
      if (performance.now() + pauseMs > giveUpAtMs) throw unreachable(name, server, cause);
      await delay(pauseMs);
      pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS);
    }
  }
}

function unreachable(name: Probe['name'], server: string, cause: unknown): Error {
  const message = `${server} did not answer; is it there, and does its URL hold the right name and password?`;
  if (name !== 'mongodb') return new StoreUnavailable(message, { cause });
  return new ReadModelsUnavailable('read-models.unavailable', message, { cause });
}
