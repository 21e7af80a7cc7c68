import { describe, expect, it } from '@jest/globals';
import { StoreUnavailable } from '#event-store/port';
import type { Probe } from '#wiring';
import { failureOf } from './exit-status.js';
import { reachServers } from './reach-servers.js';

/** A server that answers from the nth time it is asked. */
function probe(name: Probe['name'], answersFrom: number): Probe & { asked: () => number } {
  let asked = 0;
  return {
    name,
    address: 'node.example.org:1',
    asked: () => asked,
    ping: () => {
      asked += 1;
      const secret = new StoreUnavailable('esdb://admin:hunter2@node.example.org:1');
      return asked >= answersFrom ? Promise.resolve() : Promise.reject(secret);
    },
  };
}

describe('reaching servers', () => {
  it('asks each once when all answer', async () => {
    const probes = [probe('eventstore', 1), probe('mongodb', 1)];
    await reachServers(probes);
    expect(probes.map(({ asked }) => asked())).toEqual([1, 1]);
  });

  it('waits for one that comes late', async () => {
    await reachServers([probe('eventstore', 3)]);
  });

  it.each([
    ['eventstore', 'EventStoreDB at node.example.org:1', 'store.unavailable'],
    ['mongodb', 'MongoDB at node.example.org:1', 'read-models.unavailable'],
  ] as const)('gives up on %s with its name and status 3', async (name, server, code) => {
    const failed: unknown = await reachServers([probe(name, Infinity)], 300).catch(
      (error: unknown) => error,
    );
    const failure = failureOf(failed);
    expect(failure).toMatchObject({ status: 3, code });
    expect(failure.message).toContain(server);
    expect(failure.message).not.toContain('hunter2');
  });
});
