import type { CanonicalJson } from './canonical-json.js';
import type { Actor } from './command.js';
import type { Instant } from './instant.js';

/**
 * A place in the order of all events of one store. Opaque outside the adapter that made it: keep
 * it, send it back, compare it with {@link comparePositions}; do not calculate with it.
 */
export type Position = string;

/** Orders two positions of the same store; negative when `a` comes first. */
export function comparePositions(a: Position, b: Position): number {
  // Positions are decimal numbers without leading zeros: the longer one is the larger one.
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** An event on its way into a store. At most {@link EVENT_SIZE_MAX_BYTES}. */
export type NewEvent = {
  /** UUIDv5 of command id and ordinal. */
  readonly id: string;
  /** A literal in the past tense; never a class name. */
  readonly type: string;
  readonly data: CanonicalJson;
  readonly metadata: CanonicalJson;
};

/** An event as a store hands it back, byte for byte what was appended. */
export type StoredEvent = NewEvent & {
  readonly position: Position;
  readonly stream: string;
  /** 0 for a stream's first event, without gaps. */
  readonly revision: number;
};

/** Data and metadata of one event together, in UTF-8. Larger content is stored beside the log. */
export const EVENT_SIZE_MAX_BYTES = 60_000;

export function eventSizeBytes(event: NewEvent): number {
  return Buffer.byteLength(event.data) + Buffer.byteLength(event.metadata);
}

/** Metadata of every event; a stored format, version {@link METADATA_VERSION}. */
export type EventMetadata = {
  readonly v: number;
  readonly actor: Actor;
  /** When the store was told. */
  readonly recordedAt: Instant;
  /** When it happened, where that differs from `recordedAt`. */
  readonly occurredAt?: Instant;
  readonly reason?: string;
  readonly commandId: string;
  readonly correlationId: string;
  readonly causationId?: string;
  /** Version of the shape of `data`; upcasters start from it. */
  readonly schemaVersion: number;
  /** 128 random bits in base64url; blinds the ledger's leaf. */
  readonly salt: string;
  /** As EventStoreDB's own tools expect. */
  readonly $correlationId: string;
  readonly $causationId?: string;
};

export const METADATA_VERSION = 1;

/** An event after the one door where decoding and upcasting happen. */
export type Recorded<Event extends DomainEvent = DomainEvent> = Event & {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
  readonly metadata: EventMetadata;
};

/** A thing that happened, as a decider states it. */
export type DomainEvent = { readonly type: string; readonly data: object };

/** When an event happened: `occurredAt` where given, else when it was recorded. */
export function happenedAt(metadata: EventMetadata): Instant {
  return metadata.occurredAt ?? metadata.recordedAt;
}
