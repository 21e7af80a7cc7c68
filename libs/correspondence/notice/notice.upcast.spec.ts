import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { conform, EventUndecodable } from '#complaints/contract';
import { canonicalJson, type EventMetadata, type StoredEvent } from '#kernel';
import type { NoticeEventType } from './notice.events.js';
import { decodeNoticeEvent } from './notice.reader.js';
import { NOTICE_EVENT_SCHEMAS } from './notice.schema.js';
import { upcastNoticeEvent } from './notice.upcast.js';

type Fixture = {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: string;
  readonly type: NoticeEventType;
  readonly data: object;
  readonly metadata: EventMetadata;
};

const FOLDER = new URL('./fixtures/', import.meta.url);
/** The shape of every event in every version that was ever released; kept for ever. */
const FIXTURES = readdirSync(FOLDER).map((file) => ({
  file,
  fixture: JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Fixture,
}));

function storedOf(fixture: Fixture): StoredEvent {
  return {
    ...fixture,
    data: canonicalJson(fixture.data),
    metadata: canonicalJson(fixture.metadata),
  };
}

describe('the upcasting door of notices', () => {
  it.each(FIXTURES)('reads $file as an event of today', ({ fixture }) => {
    const upcast = upcastNoticeEvent(storedOf(fixture));
    expect(upcast).toEqual({ kind: 'decoded', event: fixture });
    expect(conform(NOTICE_EVENT_SCHEMAS[fixture.type].data, fixture.data, '')).toEqual({
      kind: 'conforms',
      value: fixture.data,
    });
  });

  it('has a fixture of every version of every event', () => {
    const wanted = Object.entries(NOTICE_EVENT_SCHEMAS).flatMap(([type, { schemaVersion }]) =>
      Array.from({ length: schemaVersion }, (_, index) => `${type} ${index + 1}`),
    );
    const have = FIXTURES.map(({ fixture }) => `${fixture.type} ${fixture.metadata.schemaVersion}`);
    expect([...new Set(have)].toSorted()).toEqual(wanted.toSorted());
  });

  it('refuses what it does not know: an event, a newer shape, no version', () => {
    const [{ fixture } = { fixture: {} as Fixture }] = FIXTURES;
    const stored = storedOf(fixture);
    const withVersion = (schemaVersion: unknown): StoredEvent => ({
      ...stored,
      metadata: canonicalJson({ ...fixture.metadata, schemaVersion }),
    });
    expect(upcastNoticeEvent({ ...stored, type: 'toString' })).toMatchObject({
      code: 'event.type-unknown',
    });
    expect(upcastNoticeEvent(withVersion(2))).toMatchObject({ code: 'event.schema-newer' });
    expect(upcastNoticeEvent(withVersion('1'))).toMatchObject({ code: 'event.schema-unknown' });
    expect(() => decodeNoticeEvent({ ...stored, type: 'NoticeEaten' })).toThrow(EventUndecodable);
  });
});
