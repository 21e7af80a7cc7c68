import { createHash } from 'node:crypto';
import { canonicalJson } from '#kernel';
import type { EventRecord } from '#evidence';

export type HistoryShape = {
  readonly events: number;
  /** Streams that grow side by side. */
  readonly streams: number;
  /** Same seed, same events. */
  readonly seed?: string;
};

const TYPES = ['ComplaintLodged', 'ComplaintAcknowledged', 'ContactRecorded', 'ComplaintClosed'];
const STARTED_AT = Date.UTC(2026, 0, 1);

/** Events of complaints that never were, in order of the log; ids and salts follow from the seed. */
export function complaintHistory({ events, streams, seed = 'a' }: HistoryShape): EventRecord[] {
  return Array.from({ length: events }, (_, index) => {
    const stream = index % streams;
    const revision = Math.floor(index / streams);
    return eventOf({ seed, index, stream, revision });
  });
}

type Place = {
  readonly seed: string;
  readonly index: number;
  readonly stream: number;
  readonly revision: number;
};

function eventOf({ seed, index, stream, revision }: Place): EventRecord {
  const type = TYPES[Math.min(revision, TYPES.length - 1)] ?? 'ComplaintLodged';
  const commandId = uuidOf(`${seed}/command/${index}`);
  const data =
    type === 'ComplaintAcknowledged'
      ? { medium: 'e-mail', contentSha256: hashOf(`${seed}/letter/${index}`).toString('hex') }
      : { reference: `C-${stream}`, narrative: `Überweisung ${index} fehlt: “${seed}”`, index };
  return {
    id: uuidOf(`${seed}/event/${index}`),
    stream: `complaint-${uuidOf(`${seed}/stream/${stream}`)}`,
    revision,
    type,
    data: canonicalJson(data),
    metadata: canonicalJson({
      v: 1,
      actor: { id: `u-${index % 7}`, role: 'case-handler', via: 'http' },
      recordedAt: new Date(STARTED_AT + index * 1_000).toISOString(),
      commandId,
      correlationId: commandId,
      $correlationId: commandId,
      schemaVersion: 1,
      salt: hashOf(`${seed}/salt/${index}`).subarray(0, 16).toString('base64url'),
    }),
  };
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function uuidOf(text: string): string {
  const hex = hashOf(text).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
