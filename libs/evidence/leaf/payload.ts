import { maybeTextOf, utf8 } from '../bytes.js';
import { EvidenceError } from '../errors.js';
import type { EventRecord } from '../event-record.js';

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
 * Data and metadata out of a payload, byte for byte.
 * @throws EvidenceError `payload.malformed`
 */
export function parsePayload(bytes: Uint8Array): Pick<EventRecord, 'data' | 'metadata'> {
  const text = maybeTextOf(bytes);
  if (text === undefined) throw malformed('it is no UTF-8');
  const end = text.startsWith(DATA) ? endOfObject(text, DATA.length) : undefined;
  if (end === undefined || !text.startsWith(`${METADATA}{`, end) || !text.endsWith('}}')) {
    throw malformed('it is no {"data":{…},"metadata":{…}}');
  }
  const data = text.slice(DATA.length, end);
  const metadata = text.slice(end + METADATA.length, -1);
  for (const part of [data, metadata]) {
    if (!isJson(part)) throw malformed('a part of it is no JSON');
  }
  return { data, metadata };
}

/** Where the object that begins here ends; undefined when none begins or none ends. */
function endOfObject(text: string, start: number): number | undefined {
  if (text[start] !== '{') return undefined;
  // Strings as a whole, or one bracket: what is between them is of no matter here.
  const token = /"(?:[^"\\]|\\.)*"|[{}]/g;
  token.lastIndex = start;
  let depth = 0;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    if (match[0] === '{') depth += 1;
    if (match[0] === '}') depth -= 1;
    if (depth === 0) return token.lastIndex;
  }
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function malformed(problem: string): EvidenceError {
  return new EvidenceError('payload.malformed', `the payload of an event: ${problem}`);
}
