import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { comparePositions, InvariantBroken, type Position, type StoredEvent } from '#kernel';
import { PositionUnknown, type PageRead } from '#event-store/port';
import { backOff, type Backoff } from './backoff.js';
import type { Connection } from './connection.js';
import { isPassing, isPositionUnknown, isStreamDeleted, unavailable } from './driver-errors.js';
import { Inlet, ReadStalled } from './inlet.js';
import {
  allRequest,
  eventIn,
  placeIn,
  seenIn,
  streamRequest,
  type Direction,
  type Seen,
} from './read-messages.js';

/** A read that breaks is taken up again where it stood; so often in a row without anything read. */
const READ_ATTEMPTS_MAX = 4;
const READ_BACKOFF: Backoff = { delayMinMs: 20, delayMaxMs: 500 };
/** The first look for the head; further only when all of these are the server's own. */
const HEAD_COUNT = 16;
const ENDLESS_COUNT = Number.MAX_SAFE_INTEGER;
/** A page is read with the event that it starts after, and one that says whether more follow. */
const PAGE_MARGIN_COUNT = 2;
const POSITION = /^(?:0|[1-9]\d{0,18})$/;

export type StreamRange = {
  readonly direction: Direction;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly countMax: number;
};

/** A page, and how far the log was looked at for it: behind it may lie the server's own events. */
export type PageTaken = PageRead & { readonly lookedUpTo: Position | undefined };

/** Reads of the log. Each is taken up again by itself when it breaks, from where it stood. */
export class LogReader {
  constructor(
    private readonly connection: Connection,
    /** So long a read may bring nothing. */
    private readonly stallMs: number,
  ) {}

  /** Empty when there is no such stream. @throws StoreUnavailable */
  async stream(
    stream: string,
    { direction, from, to, countMax }: StreamRange,
    signal: AbortSignal,
  ): Promise<readonly StoredEvent[]> {
    const events: StoredEvent[] = [];
    const step = direction === 'forwards' ? 1 : -1;
    const requestNow = () => {
      const last = events.at(-1)?.revision;
      const next = last === undefined ? from : last + step;
      return streamRequest(stream, { direction, from: next, countMax: countMax - events.length });
    };
    for await (const batch of this.#batches(requestNow, signal)) {
      for (const response of batch) {
        const event = seenIn(response)?.event;
        if (!event) continue;
        if (to !== undefined && (event.revision - to) * step > 0) return events;
        events.push(event);
        if (events.length >= countMax || (event.revision === 0 && step < 0)) return events;
      }
    }
    return events;
  }

  /** The last event of any stream, one of the server's own too. @throws StoreUnavailable */
  async lastOf(stream: string, signal: AbortSignal): Promise<StoredEvent | undefined> {
    const requestNow = () =>
      streamRequest(stream, { direction: 'backwards', from: undefined, countMax: 1 });
    for await (const batch of this.#batches(requestNow, signal)) {
      for (const response of batch) {
        const event = eventIn(response);
        if (event) return event;
      }
    }
    return undefined;
  }

  /**
   * The last event's position, looked for backwards past the server's own events.
   * @param known a position that is an event's: the head is there or later.
   * @throws StoreUnavailable
   */
  async head(known: Position | undefined, signal: AbortSignal): Promise<Position | undefined> {
    for (const countMax of [HEAD_COUNT, ENDLESS_COUNT]) {
      let seen = 0;
      const requestNow = () => {
        seen = 0;
        return allRequest({ direction: 'backwards', from: undefined, countMax });
      };
      for await (const batch of this.#batches(requestNow, signal)) {
        for (const response of batch) {
          const place = placeIn(response);
          if (!place) continue;
          seen += 1;
          if (place.isOurs) return place.position;
          if (known !== undefined && comparePositions(place.position, known) <= 0) return known;
        }
      }
      if (seen < countMax) return undefined;
    }
    return undefined;
  }

  /** The next page after a position. @throws StoreUnavailable */
  async page(
    after: Position | undefined,
    pageSize: number,
    signal: AbortSignal,
  ): Promise<PageTaken> {
    const events: StoredEvent[] = [];
    let lookedUpTo = after;
    const start = { after, countMax: pageSize + PAGE_MARGIN_COUNT };
    for await (const batch of this.all(start, signal)) {
      for (const { position, event } of batch) {
        if (event && events.length === pageSize) return { events, atHead: false, lookedUpTo };
        lookedUpTo = position;
        if (event) events.push(event);
      }
    }
    return { events, atHead: true, lookedUpTo };
  }

  /**
   * Everything after a position, or from one on, to the end of the log; the server's own events as
   * places only. Asked for in portions of `countMax`, so that no more is sent than is wanted.
   * @throws StoreUnavailable
   */
  async *all(
    start: {
      readonly after?: Position | undefined;
      readonly from?: Position;
      readonly countMax?: number;
    },
    signal: AbortSignal,
  ): AsyncGenerator<readonly Seen[]> {
    const countMax = start.countMax ?? ENDLESS_COUNT;
    let after = start.after;
    let sent = 0;
    const requestNow = () => {
      sent = 0;
      return allRequest({ direction: 'forwards', from: after ?? start.from, countMax });
    };
    do {
      for await (const batch of this.#batches(requestNow, signal)) {
        const seen: Seen[] = [];
        for (const response of batch) {
          const one = seenIn(response);
          if (!one) continue;
          sent += 1;
          // Reads include the position they start from.
          if (after !== undefined && comparePositions(one.position, after) <= 0) continue;
          after = one.position;
          seen.push(one);
        }
        if (seen.length > 0) yield seen;
      }
    } while (sent >= countMax);
  }

  /** Positions of the events after one, without the cost of their content. @throws StoreUnavailable */
  async *places(
    start: Position | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<readonly { readonly position: Position; readonly isOurs: boolean }[]> {
    let after = start;
    const requestNow = () =>
      allRequest({ direction: 'forwards', from: after, countMax: ENDLESS_COUNT });
    for await (const batch of this.#batches(requestNow, signal)) {
      const places = batch.flatMap((response) => {
        const place = placeIn(response);
        if (!place) return [];
        if (after !== undefined && comparePositions(place.position, after) <= 0) return [];
        after = place.position;
        return [place];
      });
      if (places.length > 0) yield places;
    }
  }

  /** What a read brings, over as many calls as it takes. The request is made anew for each. */
  async *#batches(
    requestNow: () => ReadReq,
    signal: AbortSignal,
  ): AsyncGenerator<readonly ReadResp[]> {
    const patience = { stallMs: this.stallMs, signal };
    for (let failures = 0; ;) {
      const { generation } = this.connection;
      let inlet: Inlet | undefined;
      try {
        inlet = await Inlet.open(this.connection, requestNow(), patience);
        for (let batch = await inlet.take(); batch; batch = await inlet.take()) {
          failures = 0;
          yield batch;
        }
        return;
      } catch (error) {
        failures += 1;
        if (isStreamDeleted(error)) return;
        if (isPositionUnknown(error)) {
          throw new PositionUnknown('the position is none of this log', { cause: error });
        }
        if (signal.aborted || failures >= READ_ATTEMPTS_MAX || !isPassing(error)) {
          throw unavailable(error, 'the event store cannot be read');
        }
        // Whoever stalls once has waited long enough: the next attempt is the last.
        if (error instanceof ReadStalled) failures = READ_ATTEMPTS_MAX - 1;
        if (error instanceof ReadStalled) await this.connection.renew(generation);
      } finally {
        inlet?.close();
      }
      await backOff(READ_BACKOFF, failures, signal);
    }
  }
}

/** A position that this adapter handed out. @throws InvariantBroken */
export function checkPosition(position: Position): Position {
  if (POSITION.test(position)) return position;
  throw new InvariantBroken(`${JSON.stringify(position)} is not a position of this store`);
}
