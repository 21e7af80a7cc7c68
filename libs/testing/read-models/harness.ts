import type { ReadModels } from '#read-models/port';

/** Read models of their own, and the ways into them. */
export type ReadModelsSpace = {
  /** Opens them for writing; called again after `close`, it finds the same ones. */
  readonly open: () => Promise<ReadModels>;
  /** Other read models on the same data, beside the writer. */
  readonly openReader: () => Promise<ReadModels>;
  /** Closes whatever is open and removes the data. */
  readonly remove: () => Promise<void>;
};

/** What an adapter brings to {@link readModelsContract}. */
export type ReadModelsHarness = { readonly create: () => Promise<ReadModelsSpace> };

/** What every test of the contract works on; filled anew before each. */
export type Bench = { space: ReadModelsSpace; readModels: ReadModels };
