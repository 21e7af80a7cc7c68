import { canonicalJson, uuidV5, type NewEvent, type Recorded, type StoredEvent } from '#kernel';
import type { EventStore } from '#event-store/port';
import { sampleStream, type SampleEvent } from './samples.js';

const NAMESPACE = '0f5b0f0a-7c4e-5a4e-8a43-3b1d7e0c9f22';

/** Reads what {@link appendSample} wrote; an event of type `Garbled` cannot be decoded. */
export function decodeSample(stored: StoredEvent): Recorded<SampleEvent> {
  if (stored.type === 'Garbled') throw new Error('no such event');
  const { id, type, stream, revision, position } = stored;
  const data: unknown = JSON.parse(stored.data);
  const metadata: unknown = JSON.parse(stored.metadata);
  return { id, type, stream, revision, position, data, metadata } as Recorded<SampleEvent>;
}

/** Appends one event to a sample's stream, or to another stream by its name. */
export async function appendSample(
  store: EventStore,
  to: number | string,
  event: { readonly type: string; readonly data: object },
): Promise<NewEvent> {
  const head = await store.head();
  const written: NewEvent = {
    id: uuidV5(NAMESPACE, `after ${head ?? 'nothing'}`),
    type: event.type,
    data: canonicalJson(event.data),
    metadata: canonicalJson({ note: 'sample' }),
  };
  await store.append(typeof to === 'number' ? sampleStream(to) : to, 'any', [written]);
  return written;
}
