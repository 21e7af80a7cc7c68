import type { EventStore } from '#event-store/port';

/** `before-effect`: the commit errs and nothing is stored. `after-effect`: it errs and all is. */
export type CommitFault = 'before-effect' | 'after-effect';

/** Data of its own, and the ways into it. */
export type EventStoreSpace = {
  /** Opens the store for writing; called again after `close`, it finds the same data. */
  readonly open: () => Promise<EventStore>;
  /** Another store on the same data, beside the writer; appends to it may be refused. */
  readonly openReader: () => Promise<EventStore>;
  /** The next commit of a store that `open` gave errs. Called only where faults are offered. */
  readonly failNextCommit: (fault: CommitFault) => void;
  /** Closes whatever is open and removes the data. */
  readonly remove: () => Promise<void>;
};

/**
 * What an adapter brings to {@link eventStoreContract}. The data may hold events of others: the
 * contract makes its own stream names and measures positions from where it found the head.
 */
export type EventStoreHarness = {
  readonly create: () => Promise<EventStoreSpace>;
  /** An adapter that cannot make a commit err says why; the report then names what is not shown. */
  readonly commitFaults: { readonly offered: true } | { readonly notOffered: string };
};

/** What every test of the contract works on; filled anew before each. */
export type Bench = { space: EventStoreSpace; store: EventStore };
