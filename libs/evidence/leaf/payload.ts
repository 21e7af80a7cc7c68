import { maybeTextOf, utf8 } from '../bytes.js';
import { EvidenceError } from '../errors.js';
import type { EventRecord } from '../event-record.js';
import { canonicalEnd } from './canonical-scan.js';

const DATA = '{"data":';
const METADATA = ',"metadata":';

/**
 * The payload of an event: UTF-8 of `{"data":D,"metadata":M}`, D and M as stored. It holds
 * `metadata.salt`, so nobody finds its hash by guessing.
 */
export function payloadOf(event: Pick<EventRecord, 'data' | 'metadata'>): Uint8Array {
  return utf8(payloadText(event));
}

/** As {@link payloadOf}, before it is written. */
export function payloadText({ data, metadata }: Pick<EventRecord, 'data' | 'metadata'>): string {
  return `${DATA}${data}${METADATA}${metadata}}`;
}

/**
 * Payloads beyond this are not read. An event has 60,000 bytes at most (EVENT_SIZE_MAX_BYTES of
 * #kernel); verifiers that were handed out must still read what later versions may write.
 */
export const PAYLOAD_SIZE_MAX_BYTES = 1_000_000;

/**
 * Data and metadata out of a payload, byte for byte. Strict: what is accepted is two objects in the
 * canonical JSON of this product, so whatever signed it, both may be parsed and walked.
 * @throws EvidenceError `payload.malformed`
 */
export function parsePayload(bytes: Uint8Array): Pick<EventRecord, 'data' | 'metadata'> {
  if (bytes.length > PAYLOAD_SIZE_MAX_BYTES) {
    throw malformed(`it has more than ${PAYLOAD_SIZE_MAX_BYTES} bytes`);
  }
  const text = maybeTextOf(bytes);
  if (text === undefined) throw malformed('it is no UTF-8');
  if (!text.startsWith(`${DATA}{`)) throw malformed(SHAPE);
  const dataEnd = canonicalEnd(text, DATA.length);
  if (!text.startsWith(`${METADATA}{`, dataEnd)) throw malformed(SHAPE);
  const start = dataEnd + METADATA.length;
  const end = canonicalEnd(text, start);
  if (text.slice(end) !== '}') throw malformed(SHAPE);
  return { data: text.slice(DATA.length, dataEnd), metadata: text.slice(start, end) };
}

const SHAPE = 'it is no {"data":{…},"metadata":{…}}';

function malformed(problem: string): EvidenceError {
  return new EvidenceError('payload.malformed', `the payload of an event: ${problem}`);
}
