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
  readonly signIn?: SignIn;
  /** Resolves when the server answers, within seconds. @throws an error with a code otherwise. */
  ping(): Promise<void>;
};

/** With what a server is entered. */
export type SignIn = {
  /** The variable with the URL, and so with user and password; `<NAME>_FILE` may stand for it. */
  readonly variable: 'EVENTSTORE_URL' | 'MONGODB_URL' | 'REDIS_URL';
  /** Whether what a ping threw says that the server does not take this user or password. */
  readonly isRefused: (error: unknown) => boolean;
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
