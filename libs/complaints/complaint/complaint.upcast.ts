import type { EventMetadata, Recorded, StoredEvent } from '#kernel';
import type { ComplaintEvent, ComplaintEventType } from './complaint.events.js';
import { EVENT_SCHEMAS } from './complaint.schema.js';

/** From the raw data of one schema version to that of the next. */
type Upcaster = (data: object) => object;

/**
 * Per event the way up from version 1: the n-th upcaster leads from version n to n + 1. Nothing has
 * changed its shape yet; when something does, its case goes here and its old fixture stays.
 */
const UPCASTERS: { readonly [Type in ComplaintEventType]?: readonly Upcaster[] } = {};

export type Upcast =
  | { readonly kind: 'decoded'; readonly event: Recorded<ComplaintEvent> }
  | {
      readonly kind: 'undecodable';
      readonly code: 'event.type-unknown' | 'event.schema-newer' | 'event.schema-unknown';
      readonly message: string;
    };

/**
 * The one door where stored bytes become events of today's shape. Answers `undecodable` for what a
 * newer program wrote. The bytes are canonical JSON, as every store promises.
 */
export function upcastComplaintEvent(stored: StoredEvent): Upcast {
  const { type, id, stream, revision, position } = stored;
  if (!isComplaintEventType(type)) {
    return undecodable('event.type-unknown', stored, `no such event as ${type}`);
  }
  const metadata = JSON.parse(stored.metadata) as EventMetadata;
  const { schemaVersion } = EVENT_SCHEMAS[type];
  const written = metadata.schemaVersion;
  if (written > schemaVersion) {
    const versions = `version ${written}, this program knows ${schemaVersion}`;
    return undecodable('event.schema-newer', stored, `${type} of ${versions}`);
  }
  if (!(Number.isInteger(written) && written >= 1)) {
    return undecodable('event.schema-unknown', stored, `${type} says no schema version`);
  }
  const way = UPCASTERS[type] ?? [];
  const data = way
    .slice(written - 1)
    .reduce<object>((old, upcaster) => upcaster(old), JSON.parse(stored.data) as object);
  const event = { type, data, id, stream, revision, position, metadata };
  return { kind: 'decoded', event: event as Recorded<ComplaintEvent> };
}

function isComplaintEventType(type: string): type is ComplaintEventType {
  return Object.hasOwn(EVENT_SCHEMAS, type);
}

function undecodable(
  code: Extract<Upcast, { readonly kind: 'undecodable' }>['code'],
  { stream, revision }: StoredEvent,
  what: string,
): Upcast {
  return { kind: 'undecodable', code, message: `${stream} revision ${revision}: ${what}` };
}
