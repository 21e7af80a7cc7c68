import { afterEach, beforeEach, describe } from '@jest/globals';
import { fencingContract } from './fencing.contract.js';
import { leasesContract } from './leases.contract.js';
import type { SharedBench, SharedReadModelsHarness } from './shared-harness.js';
import { sharesContract } from './shares.contract.js';

/**
 * What the port promises of read models with several writers, shown for one adapter; beside
 * `readModelsContract`, which such an adapter keeps too.
 */
export function sharedReadModelsContract(name: string, harness: SharedReadModelsHarness): void {
  describe(`shared read models contract: ${name}`, () => {
    // One object for all tests, filled before each.
    const bench = {} as SharedBench;

    beforeEach(async () => {
      bench.space = await harness.create();
      bench.one = await bench.space.open();
      bench.other = await bench.space.open();
    });

    afterEach(() => bench.space.remove());

    sharesContract(bench);
    fencingContract(bench);
    leasesContract(bench);
  });
}
