import { afterEach, beforeEach, describe, jest } from '@jest/globals';
import { appendContract } from './append.contract.js';
import { faultContract } from './fault.contract.js';
import { followContract } from './follow.contract.js';
import type { Bench, EventStoreHarness } from './harness.js';
import { markContract } from './mark.contract.js';
import { readContract } from './read.contract.js';

/** Enough for a busy machine: a wait that would never end is a failure, a slow disk is none. */
export const CONTRACT_TIMEOUT_MS = 30_000;

/** What the port promises, shown for one adapter. Every adapter's spec runs it, and all of it. */
export function eventStoreContract(name: string, harness: EventStoreHarness): void {
  jest.setTimeout(CONTRACT_TIMEOUT_MS);
  describe(`event store contract: ${name}`, () => {
    // One object for all tests, filled before each; a test that reopens puts the new store in it.
    const bench = {} as Bench;

    beforeEach(async () => {
      bench.space = await harness.create();
      bench.store = await bench.space.open();
    });

    afterEach(() => bench.space.remove());

    appendContract(bench);
    readContract(bench);
    followContract(bench);
    markContract(harness, bench);
    faultContract(name, harness, bench);
  });
}
