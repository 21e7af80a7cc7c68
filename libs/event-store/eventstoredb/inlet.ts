import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { StoreUnavailable } from '#event-store/port';
import type { ReadCall } from './client-calls.js';
import type { Connection } from './connection.js';

/** Nothing came for so long that the server, or the way to it, must be taken for dead. */
export class ReadStalled extends StoreUnavailable {}

/** How long a wait may last. */
export type Patience = { readonly stallMs: number; readonly signal: AbortSignal };

/**
 * Takes what a read brings, as fast as its consumer asks and no faster. To be closed by whoever opened
 * it, or the server goes on sending.
 */
export class Inlet {
  /** Set while somebody waits. */
  #wake: (() => void) | undefined;
  /** One for all waits, begun anew with each: making a timer for each message would cost as much as reading it. */
  readonly #timer: NodeJS.Timeout;
  #hasEnded = false;
  #error: { readonly error: unknown } | undefined;

  private constructor(
    private readonly call: ReadCall,
    private readonly patience: Patience,
  ) {
    this.#timer = setTimeout(() => this.#stalled(), patience.stallMs);
    patience.signal.addEventListener('abort', this.#ended);
    call.on('readable', () => this.#wake?.());
    call.on('end', this.#ended);
    call.on('close', this.#ended);
    // This listener stays for ever: an error that comes after closing must not end the process.
    call.on('error', (error) => {
      this.#error ??= { error };
      this.#ended();
    });
  }

  /**
   * @throws what the client throws when there is no connection; ReadStalled when finding one takes
   * too long; the signal's reason.
   */
  static async open(connection: Connection, request: ReadReq, patience: Patience): Promise<Inlet> {
    const opening = connection.read(request).then((call) => new Inlet(call, patience));
    try {
      await within(opening, patience);
      return await opening;
    } catch (error) {
      // Whatever comes of it after all is not wanted any more.
      opening.then(
        (inlet) => inlet.close(),
        () => undefined,
      );
      throw error;
    }
  }

  /**
   * What has come since, at least one message; undefined at the end of the read.
   * @throws ReadStalled when nothing comes for so long; what the call broke with; the signal's reason.
   */
  async take(): Promise<readonly ReadResp[] | undefined> {
    for (;;) {
      this.patience.signal.throwIfAborted();
      const messages = this.#drain();
      if (messages.length > 0) return messages;
      if (this.#error) throw this.#error.error;
      if (this.#hasEnded) return undefined;
      this.#timer.refresh();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.patience.signal.removeEventListener('abort', this.#ended);
    this.call.cancel();
  }

  #drain(): ReadResp[] {
    const messages: ReadResp[] = [];
    for (;;) {
      const message = this.call.read() as ReadResp | null;
      if (message === null) return messages;
      messages.push(message);
    }
  }

  /** A consumer that takes its time is no reason to give up. */
  #stalled(): void {
    if (!this.#wake) return;
    const { stallMs } = this.patience;
    this.#error ??= { error: new ReadStalled(`the event store sent nothing for ${stallMs} ms`) };
    this.#wake();
  }

  readonly #ended = (): void => {
    this.#hasEnded = true;
    this.#wake?.();
  };
}

/** Waits for a promise, but no longer than one has patience. */
async function within(awaited: Promise<unknown>, { stallMs, signal }: Patience): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  const end = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    timer = setTimeout(() => {
      reject(new ReadStalled(`the event store sent nothing for ${stallMs} ms`));
    }, stallMs);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    signal.throwIfAborted();
    await Promise.race([awaited, end]);
  } finally {
    clearTimeout(timer);
    if (abort) signal.removeEventListener('abort', abort);
  }
}
