import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { canonicalJson, type NewEvent, type Position, type StoredEvent } from '#kernel';
import type { EventStore, FollowedPage } from '#event-store/port';

/** A stream that nobody has used. */
export function freshStream(): string {
  return `sample-${randomUUID()}`;
}

export function sampleEvent(content: object = { note: 'sample' }): NewEvent {
  return {
    id: randomUUID(),
    type: 'SampleTaken',
    data: canonicalJson(content),
    metadata: canonicalJson({ v: 1 }),
  };
}

export function sampleEvents(count: number): readonly NewEvent[] {
  return Array.from({ length: count }, (_, ordinal) => sampleEvent({ ordinal }));
}

/** An event whose data and metadata have exactly so many bytes together. */
export function eventOfSize(sizeBytes: number, filler = 'x'): NewEvent {
  const event = sampleEvent({ filler: '' });
  const room = sizeBytes - Buffer.byteLength(event.data) - Buffer.byteLength(event.metadata);
  const fillerBytes = Buffer.byteLength(filler);
  const text = filler.repeat(Math.floor(room / fillerBytes)) + 'y'.repeat(room % fillerBytes);
  return { ...event, data: canonicalJson({ filler: text }) };
}

export function idsOf(events: readonly { readonly id: string }[]): readonly string[] {
  return events.map(({ id }) => id);
}

/** Everything after a position, read in pages. */
export async function readAfter(
  store: EventStore,
  after: Position | undefined,
): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const page of store.readAll(startAfter(after))) events.push(...page);
  return events;
}

/** The option to start after a position, or none to start at the beginning. */
export function startAfter(after: Position | undefined): { readonly after?: Position } {
  return after === undefined ? {} : { after };
}

export type Followed = { readonly events: StoredEvent[]; readonly pages: FollowedPage[] };

/** Follows until so many events have come, doing `work` after each page as a consumer would. */
export async function followUntil(
  store: EventStore,
  options: {
    readonly after: Position | undefined;
    readonly count: number;
    readonly pageSize?: number;
    readonly lingerMs?: number;
    readonly work?: () => Promise<void>;
  },
): Promise<Followed> {
  const ending = new AbortController();
  const followed: Followed = { events: [], pages: [] };
  const following = store.follow({
    ...startAfter(options.after),
    signal: ending.signal,
    ...(options.pageSize === undefined ? {} : { pageSize: options.pageSize }),
    ...(options.lingerMs === undefined ? {} : { lingerMs: options.lingerMs }),
  });
  for await (const page of following) {
    followed.pages.push(page);
    followed.events.push(...page.events);
    await options.work?.();
    if (followed.events.length >= options.count) ending.abort();
  }
  return followed;
}

/** So many turns of the event loop, for a consumer that takes its time without a clock. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

/** Objects within the limits of stored JSON, with all the text and numbers that those allow. */
export function storableObjects(): fc.Arbitrary<object> {
  const text = fc.string({ unit: 'binary', maxLength: 30 });
  const key = fc
    .tuple(fc.constantFrom('a', 'Z', '$', 'key'), text)
    .map(([start, rest]) => start + rest);
  const number = fc.oneof(
    fc.maxSafeInteger(),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value)),
  );
  const { object } = fc.letrec<{ value: unknown; object: object }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(text, number, fc.boolean(), fc.constant(null)),
      fc.array(tie('value'), { maxLength: 4 }),
      tie('object'),
    ),
    object: fc.dictionary(key, tie('value'), { maxKeys: 5 }),
  }));
  return object;
}
