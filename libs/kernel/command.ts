import type { Instant } from './instant.js';

/** Who acts. Ids only: names of people never enter metadata. */
export type Actor = {
  readonly id: string;
  /** A literal such as `case-handler`. */
  readonly role: string;
  /** The door they came through: `http`, `cli`, `import`, `demo`. */
  readonly via: string;
};

/** What surrounds every command; the decider gets it, so that it needs no clock of its own. */
export type CommandContext = {
  /** UUID. The same id sent twice writes once. */
  readonly commandId: string;
  readonly actor: Actor;
  /** When the command is handled: becomes the events' `recordedAt`. */
  readonly now: Instant;
  /** When it happened in the world, where that differs from `now`. */
  readonly occurredAt?: Instant | undefined;
  readonly reason?: string | undefined;
  /** UUID that ties together what belongs to one piece of work; defaults to the command id. */
  readonly correlationId?: string | undefined;
  /** Id of the event that caused this command, if one did. */
  readonly causationId?: string | undefined;
};
