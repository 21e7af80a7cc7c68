/** An event as it is proposed to the log; data and metadata are bytes of whatever they are. */
export type Proposed = {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
};

export type Recorded = Proposed & {
  readonly stream: string;
  readonly revision: number;
  /** A byte-like place in the log: rises, and is not dense. */
  readonly position: number;
  readonly createdMs: number;
  /** The event as it goes over the wire, made at the first reading. */
  wire?: Buffer;
};

export type Expectation = number | 'no-stream' | 'stream-exists' | 'any';

export type Outcome =
  | { readonly kind: 'written'; readonly revision: number; readonly position: number }
  | { readonly kind: 'idempotent'; readonly revision: number; readonly position: number }
  | { readonly kind: 'wrong-version'; readonly current: number | undefined }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'not-handled'; readonly message: string }
  | { readonly kind: 'bad-request'; readonly message: string };

/** The sum of `data` over all events of one write; 23.10 does not count metadata. */
export const APPEND_DATA_MAX_BYTES = 1_048_576;
/** Records begin somewhere behind the chunk's header, and each has a frame around it. */
const FIRST_POSITION = 1_167;
const FRAME_BYTES = 97;
/** With `any`, the server finds repeated ids in a cache only; it is empty after a restart. */
const REMEMBERED_IDS_MAX = 100_000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The log of EventStoreDB 23.10 as observed: order, revisions, positions and idempotency. */
export class DoubleLog {
  readonly all: Recorded[] = [];
  readonly #streams = new Map<string, Recorded[]>();
  readonly #rememberedIds = new Map<string, Recorded>();
  readonly #listeners = new Set<(written: readonly Recorded[]) => void>();
  #nextPosition = FIRST_POSITION;

  constructor() {
    this.addSystemEvents(3);
  }

  stream(name: string): readonly Recorded[] {
    return this.#streams.get(name) ?? [];
  }

  /** Calls back after each write, in the turn in which it is committed. */
  onWritten(listener: (written: readonly Recorded[]) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  append(stream: string, expected: Expectation, events: readonly Proposed[]): Outcome {
    const fault = badRequestIn(stream, events);
    if (fault !== undefined) return { kind: 'bad-request', message: fault };
    if (events.reduce((sum, { data }) => sum + data.length, 0) > APPEND_DATA_MAX_BYTES) {
      return { kind: 'too-large' };
    }
    const repeated = events.length > 0 ? this.#judge(stream, expected, events) : undefined;
    if (repeated) return repeated;
    const last = this.#write(stream, events);
    // Observed: an empty write to a new stream answers revision 0 and stores nothing.
    return { kind: 'written', revision: last?.revision ?? 0, position: last?.position ?? 0 };
  }

  /** What a process forgets when it dies. */
  forgetCaches(): void {
    this.#rememberedIds.clear();
  }

  /** Events of the server's own kind: by type, by stream, and by both. */
  addSystemEvents(count: number): void {
    const kinds = [
      ['$stats-127.0.0.1:2113', '$statsCollected'],
      ['$projections-$all', 'ProjectionTold'],
      ['observed', '$linked'],
    ] as const;
    for (let index = 0; index < count; index += 1) {
      const [stream, type] = kinds[index % kinds.length] ?? kinds[0];
      const id = `00000000-0000-4000-8000-${String(this.#nextPosition).padStart(12, '0')}`;
      const data = Buffer.from('{"$system":true}');
      const metadata = new Uint8Array();
      this.#write(stream, [{ id, type, contentType: 'application/json', data, metadata }]);
    }
  }

  /** Index of the first event at or after a position; undefined when the position is no boundary. */
  indexAt(position: bigint): number | undefined {
    if (position >= BigInt(this.#nextPosition)) return this.all.length;
    const sought = Number(position);
    let [low, high] = [0, this.all.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.all[middle]?.position ?? 0) < sought) low = middle + 1;
      else high = middle;
    }
    return this.all[low]?.position === sought ? low : undefined;
  }

  #judge(stream: string, expected: Expectation, events: readonly Proposed[]): Outcome | undefined {
    const last = this.stream(stream).length - 1;
    const conflict: Outcome = { kind: 'wrong-version', current: last < 0 ? undefined : last };
    if (expected === 'stream-exists' && last < 0) return conflict;
    if (expected === 'any' || expected === 'stream-exists') {
      return this.#judgeAnywhere(stream, events, conflict);
    }
    const before = expected === 'no-stream' ? -1 : expected;
    if (before === last) return undefined;
    if (before > last) return conflict;
    let found: Recorded | undefined;
    for (const [index, { id }] of events.entries()) {
      found = this.stream(stream)[before + 1 + index];
      if (found?.id !== id) return conflict;
    }
    return idempotent(found);
  }

  /** The first id decides whether the write is new; one that is known by half is refused. */
  #judgeAnywhere(
    stream: string,
    events: readonly Proposed[],
    conflict: Outcome,
  ): Outcome | undefined {
    let found: Recorded | undefined;
    for (const [index, { id }] of events.entries()) {
      const known = this.#rememberedIds.get(id);
      if (known?.stream !== stream) return index === 0 ? undefined : conflict;
      found = known;
    }
    return idempotent(found);
  }

  #write(stream: string, events: readonly Proposed[]): Recorded | undefined {
    const own = this.#streams.get(stream) ?? [];
    const createdMs = Date.now();
    const written = events.map((event): Recorded => {
      const position = this.#nextPosition;
      this.#nextPosition +=
        FRAME_BYTES + event.data.length + event.metadata.length + stream.length + event.type.length;
      const recorded = { ...event, stream, revision: own.length, position, createdMs };
      own.push(recorded);
      this.all.push(recorded);
      this.#rememberedIds.set(event.id, recorded);
      return recorded;
    });
    if (own.length > 0) this.#streams.set(stream, own);
    for (const oldest of this.#rememberedIds.keys()) {
      if (this.#rememberedIds.size <= REMEMBERED_IDS_MAX) break;
      this.#rememberedIds.delete(oldest);
    }
    if (written.length > 0) for (const listener of this.#listeners) listener(written);
    return own.at(-1);
  }
}

function idempotent(last: Recorded | undefined): Outcome | undefined {
  return last && { kind: 'idempotent', revision: last.revision, position: last.position };
}

function badRequestIn(stream: string, events: readonly Proposed[]): string | undefined {
  if (stream === '') return 'a stream has a name';
  for (const { id, type } of events) {
    if (type === '') return 'an event has a type';
    if (!UUID.test(id)) return 'an id is a uuid';
  }
  return undefined;
}
