import type { Socket } from 'node:net';

/** Which way bytes go through the proxy. */
export type Direction = 'to-server' | 'to-client';
export const DIRECTIONS: readonly Direction[] = ['to-server', 'to-client'];

/** What happens to bytes on their way, for all connections of a proxy; changed while they flow. */
export type Weather = {
  readonly delayMs: number;
  /** Bytes are read and thrown away: the sender believes that they arrived. */
  readonly swallows: boolean;
};

export const CLEAR: Weather = { delayMs: 0, swallows: false };

/** Bytes that wait for their time before the proxy stops reading more from the sender. */
export const QUEUED_BYTES_MAX = 1_048_576;

export type LaneEvents = {
  readonly passed: (bytes: number) => void;
  readonly swallowed: (bytes: number) => void;
};

type Waiting = { readonly chunk: Buffer; readonly dueAtMs: number };

/**
 * One direction of one connection. Keeps the order of bytes whatever the weather does, pushes back
 * on a sender whose bytes do not get away, and passes the end on behind the last byte.
 */
export class Lane {
  /** True once bytes were thrown away: what would follow makes no sense to the receiver. */
  hasHole = false;
  readonly #queue: Waiting[] = [];
  #queuedBytes = 0;
  #hasEnded = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly source: Socket,
    private readonly target: Socket,
    private weather: Weather,
    private readonly events: LaneEvents,
  ) {
    source.on('data', (chunk: Buffer) => this.#take(chunk));
    source.on('end', () => {
      // An end that vanishes with the bytes leaves the other side waiting, as a dead line does.
      if (this.weather.swallows) this.hasHole = true;
      else this.#hasEnded = true;
      this.#drain();
    });
    target.on('drain', () => this.#drain());
  }

  /** Takes effect on what comes from now on; what waits and need not any more goes at once. */
  change(weather: Weather): void {
    this.weather = weather;
    if (weather.delayMs > 0) return;
    for (const [index, { chunk }] of this.#queue.entries()) {
      this.#queue[index] = { chunk, dueAtMs: 0 };
    }
    this.#drain();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#queue.length = 0;
    this.#queuedBytes = 0;
  }

  #take(chunk: Buffer): void {
    if (this.weather.swallows) {
      this.hasHole = true;
      this.events.swallowed(chunk.byteLength);
      return;
    }
    this.#queue.push({ chunk, dueAtMs: performance.now() + this.weather.delayMs });
    this.#queuedBytes += chunk.byteLength;
    if (this.#queuedBytes >= QUEUED_BYTES_MAX) this.source.pause();
    this.#drain();
  }

  #drain(): void {
    clearTimeout(this.#timer);
    if (this.target.destroyed) return;
    let first = this.#queue[0];
    while (first && !this.target.writableNeedDrain) {
      const aheadMs = first.dueAtMs - performance.now();
      if (this.weather.delayMs > 0 && aheadMs > 0) {
        this.#timer = setTimeout(() => this.#drain(), Math.ceil(aheadMs));
        return;
      }
      this.#queue.shift();
      this.#queuedBytes -= first.chunk.byteLength;
      this.events.passed(first.chunk.byteLength);
      this.target.write(first.chunk);
      first = this.#queue[0];
    }
    if (first) return;
    if (this.#hasEnded && !this.target.writableEnded) this.target.end();
    else if (this.source.isPaused()) this.source.resume();
  }
}
