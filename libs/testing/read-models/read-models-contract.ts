import { afterEach, beforeEach, describe } from '@jest/globals';
import { aggregatesContract } from './aggregates.contract.js';
import { findContract } from './find.contract.js';
import type { Bench, ReadModelsHarness } from './harness.js';
import { rebuildContract } from './rebuild.contract.js';
import { refusalsContract } from './refusals.contract.js';
import { writerContract } from './writer.contract.js';

/** What the port promises, shown for one adapter. Every adapter's spec runs it, and all of it. */
export function readModelsContract(name: string, harness: ReadModelsHarness): void {
  describe(`read models contract: ${name}`, () => {
    // One object for all tests, filled before each; a test that reopens puts the new ones in it.
    const bench = {} as Bench;

    beforeEach(async () => {
      bench.space = await harness.create();
      bench.readModels = await bench.space.open();
    });

    afterEach(() => bench.space.remove());

    writerContract(bench);
    findContract(bench);
    aggregatesContract(bench);
    refusalsContract(bench);
    rebuildContract(bench);
  });
}
