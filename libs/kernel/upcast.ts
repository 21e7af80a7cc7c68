import type { DomainEvent, EventMetadata, Recorded, StoredEvent } from './event.js';

/** From the raw data of one schema version to that of the next. */
export type Upcaster = (data: object) => object;

/** What a context knows of the shapes of its events. */
export type EventShapes<Type extends string> = {
  /** The version that this program writes. */
  readonly schemas: { readonly [Name in Type]: { readonly schemaVersion: number } };
  /** Per event the way up from version 1: the n-th upcaster leads from version n to n + 1. */
  readonly upcasters: { readonly [Name in Type]?: readonly Upcaster[] };
};

export type Upcast<Event extends DomainEvent> =
  | { readonly kind: 'decoded'; readonly event: Recorded<Event> }
  | {
      readonly kind: 'undecodable';
      readonly code: 'event.type-unknown' | 'event.schema-newer' | 'event.schema-unknown';
      readonly message: string;
    };

/**
 * Stored bytes as an event of today's shape. Answers `undecodable` for what a newer program wrote.
 * The bytes are canonical JSON, as every store promises.
 */
export function upcastEvent<Event extends DomainEvent>(
  { schemas, upcasters }: EventShapes<Event['type']>,
  stored: StoredEvent,
): Upcast<Event> {
  const { id, stream, revision, position } = stored;
  // Held against the names themselves: `toString` is in every object, and no event.
  if (!Object.hasOwn(schemas, stored.type)) {
    return undecodable('event.type-unknown', stored, `no such event as ${stored.type}`);
  }
  const type = stored.type as Event['type'];
  const metadata = JSON.parse(stored.metadata) as EventMetadata;
  const { schemaVersion } = schemas[type];
  const written = metadata.schemaVersion;
  if (written > schemaVersion) {
    const versions = `version ${written}, this program knows ${schemaVersion}`;
    return undecodable('event.schema-newer', stored, `${type} of ${versions}`);
  }
  if (!(Number.isInteger(written) && written >= 1)) {
    return undecodable('event.schema-unknown', stored, `${type} says no schema version`);
  }
  const data = (upcasters[type] ?? [])
    .slice(written - 1)
    .reduce<object>((old, upcaster) => upcaster(old), JSON.parse(stored.data) as object);
  // A type with the data of its schema is an event; with its place and metadata a recorded one.
  const event = { type, data, id, stream, revision, position, metadata };
  return { kind: 'decoded', event: event as unknown as Recorded<Event> };
}

function undecodable(
  code: Extract<Upcast<DomainEvent>, { readonly kind: 'undecodable' }>['code'],
  { stream, revision }: StoredEvent,
  what: string,
): Extract<Upcast<DomainEvent>, { readonly kind: 'undecodable' }> {
  return { kind: 'undecodable', code, message: `${stream} revision ${revision}: ${what}` };
}
