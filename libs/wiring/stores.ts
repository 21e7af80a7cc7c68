import type { EventStore } from '#event-store/port';
import type { Clock, Randomness } from '#kernel';
import type { ReadModels, SharedReadModels } from '#read-models/port';

/**
 * `write`: log and read models for writing, one process at a time. `append`: the log for writing,
 * the read models for reading, because a projector elsewhere in the process writes them.
 * `project`: the other way round. `import`: as `append`, but on servers the command brings a
 * projector of its own, so that it writes both. `read`: both beside whoever writes. Servers take any number of
 * processes in any mode.
 */
export type OpenMode = 'write' | 'append' | 'import' | 'project' | 'read';

/** A server that may be missing. */
export type Probe = {
  readonly name: 'eventstore' | 'mongodb' | 'redis';
  /** Hosts and ports, without credentials. */
  readonly address: string;
  /** Resolves when the server answers, within seconds. @throws an error with a code otherwise. */
  ping(): Promise<void>;
};

export type Stores = {
  readonly eventStore: EventStore;
  readonly readModels: ReadModels;
  /** The read models again, where several projectors may write them. */
  readonly shared?: SharedReadModels;
  /** The servers behind the stores; none when they are embedded. */
  readonly probes: readonly Probe[];
  /** How often following the log was broken off by a server, and taken up again. */
  readonly resubscriptions?: () => number;
  readonly clock: Clock;
  readonly randomness: Randomness;
  close(): Promise<void>;
};
