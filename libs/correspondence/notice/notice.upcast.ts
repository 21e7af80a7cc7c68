import type { EventMetadata, Recorded, StoredEvent } from '#kernel';
import type { NoticeEvent, NoticeEventType } from './notice.events.js';
import { NOTICE_EVENT_SCHEMAS } from './notice.schema.js';

/** From the raw data of one schema version to that of the next. */
type Upcaster = (data: object) => object;

/** Per event the way up from version 1. Nothing has changed its shape yet. */
const UPCASTERS: { readonly [Type in NoticeEventType]?: readonly Upcaster[] } = {};

export type NoticeUpcast =
  | { readonly kind: 'decoded'; readonly event: Recorded<NoticeEvent> }
  | {
      readonly kind: 'undecodable';
      readonly code: 'event.type-unknown' | 'event.schema-newer' | 'event.schema-unknown';
      readonly message: string;
    };

/**
 * The one door where stored bytes become events of today's shape. Answers `undecodable` for what a
 * newer program wrote. The bytes are canonical JSON, as every store promises.
 */
export function upcastNoticeEvent(stored: StoredEvent): NoticeUpcast {
  const { type, id, stream, revision, position } = stored;
  if (!isNoticeEventType(type)) {
    return undecodable('event.type-unknown', stored, `no such event as ${type}`);
  }
  const metadata = JSON.parse(stored.metadata) as EventMetadata;
  const { schemaVersion } = NOTICE_EVENT_SCHEMAS[type];
  const written = metadata.schemaVersion;
  if (written > schemaVersion) {
    const versions = `version ${written}, this program knows ${schemaVersion}`;
    return undecodable('event.schema-newer', stored, `${type} of ${versions}`);
  }
  if (!(Number.isInteger(written) && written >= 1)) {
    return undecodable('event.schema-unknown', stored, `${type} says no schema version`);
  }
  const data = (UPCASTERS[type] ?? [])
    .slice(written - 1)
    .reduce<object>((old, upcaster) => upcaster(old), JSON.parse(stored.data) as object);
  const event = { type, data, id, stream, revision, position, metadata };
  return { kind: 'decoded', event: event as Recorded<NoticeEvent> };
}

function isNoticeEventType(type: string): type is NoticeEventType {
  return Object.hasOwn(NOTICE_EVENT_SCHEMAS, type);
}

function undecodable(
  code: Extract<NoticeUpcast, { readonly kind: 'undecodable' }>['code'],
  { stream, revision }: StoredEvent,
  what: string,
): NoticeUpcast {
  return { kind: 'undecodable', code, message: `${stream} revision ${revision}: ${what}` };
}
