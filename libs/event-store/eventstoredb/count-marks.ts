import { randomUUID } from 'node:crypto';
import { canonicalJson, type NewEvent } from '#kernel';
import type { AppendAnswer, AppendRequest } from './append-messages.js';
import type { Mark, MarkStore } from './event-count.js';
import type { LogReader } from './log-reader.js';

/**
 * The stream in whose metadata the mark is kept: beside the log and not in it, and of a stream's
 * metadata the server keeps the last only.
 */
const MARK_STREAM = '$$redress-log-count';
const METADATA_TYPE = '$metadata';
const WRITE_TIMEOUT_MS = 2_000;

type Kept = { readonly revision: number; readonly mark: Mark | undefined };

/** Keeps marks in the event store itself, for all processes. */
export class CountMarks implements MarkStore {
  constructor(
    private readonly reader: LogReader,
    private readonly send: (request: AppendRequest, timeoutMs: number) => Promise<AppendAnswer>,
  ) {}

  async read(signal: AbortSignal): Promise<Mark | undefined> {
    return (await this.#last(signal))?.mark;
  }

  async write(mark: Mark): Promise<void> {
    try {
      const last = await this.#last(AbortSignal.timeout(WRITE_TIMEOUT_MS));
      if (last?.mark && last.mark.count >= mark.count) return;
      const event: NewEvent = {
        id: randomUUID(),
        type: METADATA_TYPE,
        data: canonicalJson(mark),
        metadata: canonicalJson({}),
      };
      // At the revision that was read: of two who count at once, neither sets the other back.
      const expected = last?.revision ?? 'no-stream';
      await this.send({ stream: MARK_STREAM, expected, events: [event] }, WRITE_TIMEOUT_MS);
    } catch {
      // A mark that is not kept costs the next process time, and nothing else: it counts on its own.
    }
  }

  async #last(signal: AbortSignal): Promise<Kept | undefined> {
    const event = await this.reader.lastOf(MARK_STREAM, signal);
    return event && { revision: event.revision, mark: markIn(event.data) };
  }
}

/** Others may write there too. */
function markIn(data: string): Mark | undefined {
  try {
    const { position, count } = JSON.parse(data) as Readonly<Record<string, unknown>>;
    const isMark = typeof position === 'string' && Number.isSafeInteger(count);
    return isMark ? { position, count: Number(count) } : undefined;
  } catch {
    return undefined;
  }
}
