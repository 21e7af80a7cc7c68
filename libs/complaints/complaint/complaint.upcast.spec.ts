import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { canonicalJson, type EventMetadata, type StoredEvent } from '#kernel';
import type { ComplaintEventType } from './complaint.events.js';
import { decodeComplaintEvent, EventUndecodable } from './complaint.reader.js';
import { EVENT_SCHEMAS } from './complaint.schema.js';
import { upcastComplaintEvent } from './complaint.upcast.js';
import { conform } from './field.schema.js';

type Fixture = {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: string;
  readonly type: ComplaintEventType;
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

function lodging(): Fixture {
  const found = FIXTURES.find(({ fixture }) => fixture.type === 'ComplaintLodged');
  if (!found) throw new Error('no fixture of ComplaintLodged');
  return found.fixture;
}

describe('the upcasting door', () => {
  it.each(FIXTURES)('reads $file as an event of today', ({ fixture }) => {
    const upcast = upcastComplaintEvent(storedOf(fixture));
    expect(upcast).toMatchObject({
      kind: 'decoded',
      event: {
        id: fixture.id,
        stream: fixture.stream,
        revision: fixture.revision,
        position: fixture.position,
        type: fixture.type,
        metadata: fixture.metadata,
      },
    });
    if (upcast.kind === 'undecodable') return;
    const { data } = upcast.event;
    expect(conform(EVENT_SCHEMAS[fixture.type].data, data, '')).toEqual({
      kind: 'conforms',
      value: data,
    });
    // Nothing has changed its shape since; an upcaster gets an expectation of its own here.
    expect(data).toEqual(fixture.data);
  });

  it('has a fixture of every version of every event', () => {
    const wanted = Object.entries(EVENT_SCHEMAS).flatMap(([type, { schemaVersion }]) =>
      Array.from({ length: schemaVersion }, (_, index) => `${type} ${index + 1}`),
    );
    const have = FIXTURES.map(({ fixture }) => `${fixture.type} ${fixture.metadata.schemaVersion}`);
    expect([...new Set(have)].toSorted()).toEqual(wanted.toSorted());
  });

  it('refuses what it does not know: an event, a newer shape, no version', () => {
    const { metadata } = lodging();
    const stored = storedOf(lodging());
    const withVersion = (schemaVersion: unknown): StoredEvent => ({
      ...stored,
      metadata: canonicalJson({ ...metadata, schemaVersion }),
    });
    expect(upcastComplaintEvent({ ...stored, type: 'ComplaintEaten' })).toMatchObject({
      code: 'event.type-unknown',
    });
    expect(upcastComplaintEvent({ ...stored, type: 'toString' })).toMatchObject({
      code: 'event.type-unknown',
    });
    expect(upcastComplaintEvent(withVersion(2))).toMatchObject({ code: 'event.schema-newer' });
    expect(upcastComplaintEvent(withVersion(0))).toMatchObject({ code: 'event.schema-unknown' });
    expect(upcastComplaintEvent(withVersion('1'))).toMatchObject({ code: 'event.schema-unknown' });
  });

  it('throws a typed error at the reader, naming stream and revision', () => {
    const stored = { ...storedOf(lodging()), type: 'ComplaintEaten' };
    expect(() => decodeComplaintEvent(stored)).toThrow(EventUndecodable);
    expect(() => decodeComplaintEvent(stored)).toThrow(`${stored.stream} revision 0`);
  });
});
