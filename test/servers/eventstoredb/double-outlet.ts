import type { ServerWritableStream, ServiceError } from '@grpc/grpc-js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { DoubleFaults } from './double-faults.js';

/** Responses are bytes already: made once an event, however many read it. */
export type ReadCall = ServerWritableStream<ReadReq, Buffer>;

/** The answering side of a read or subscription: sends no faster than its client takes. */
export class Outlet {
  #hasEnded = false;
  #wakeSender: (() => void) | undefined;
  readonly #endings: (() => void)[] = [];

  constructor(
    private readonly call: ReadCall,
    private readonly faults: DoubleFaults,
  ) {
    const ended = () => this.#ended();
    call.on('drain', () => this.#wakeSender?.());
    call.once('cancelled', ended);
    call.once('close', ended);
    call.once('error', ended);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Calls back once, when the call has ended for whatever reason. */
  onEnd(work: () => void): void {
    this.#endings.push(work);
  }

  async send(message: Buffer): Promise<void> {
    const frozen = this.faults.frozen();
    if (frozen) await frozen;
    if (this.#hasEnded || this.call.write(message)) return;
    await new Promise<void>((resolve) => {
      this.#wakeSender = resolve;
      // The client may have gone while the last message was written.
      if (this.#hasEnded) resolve();
    });
  }

  end(): void {
    if (!this.#hasEnded) this.call.end();
  }

  /** Ends the call with a code: not by destroying it, which would send none. */
  fail(error: ServiceError | Error): void {
    if (!this.#hasEnded) this.call.emit('error', error);
  }

  #ended(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#wakeSender?.();
    for (const work of this.#endings) work();
  }
}
