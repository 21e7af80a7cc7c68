import { randomUUID } from 'node:crypto';
import type { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import {
  answerOf,
  appendMessage,
  uuidOf,
  type AppendAnswer,
  type AppendRequest,
} from './append-messages.js';
import type { AppendCall } from './client-calls.js';
import type { Connection } from './connection.js';
import { messageOf } from './driver-errors.js';
import { inTime } from './in-time.js';

/** Nothing was answered in time. The append may be stored, or may yet be. */
export class AnswerOverdue extends Error {
  override readonly name = 'AnswerOverdue';
}

/** There was no call over which to send the append. */
export class NeverSent extends Error {
  override readonly name = 'NeverSent';
}

type Waiting = {
  readonly resolve: (answer: AppendAnswer) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
};

/**
 * All appends of a store go over one call, answered in any order. When the call breaks, whatever
 * waits on it is rejected, and the next append opens another.
 */
export class AppendLine {
  #line: Promise<Line> | undefined;
  #answeredCount = 0;

  constructor(private readonly connection: Connection) {}

  /** Answers so far: none in a while, with appends waiting, tells of a connection that is dead. */
  get answeredCount(): number {
    return this.#answeredCount;
  }

  /**
   * Sends an append once.
   * @throws AnswerOverdue, what the client throws when the call breaks, or
   * {@link NeverSent} when there is no call to send it over.
   */
  async send(request: AppendRequest, timeoutMs: number): Promise<AppendAnswer> {
    const line = await this.#ready(timeoutMs);
    const answer = await line.send(request, timeoutMs);
    this.#answeredCount += 1;
    return answer;
  }

  async #ready(timeoutMs: number): Promise<Line> {
    this.#line ??= this.#open();
    try {
      return await inTime(this.#line, timeoutMs, 'finding a connection');
    } catch (cause) {
      throw new NeverSent(messageOf(cause), { cause });
    }
  }

  #open(): Promise<Line> {
    const forget = () => {
      if (this.#line === opening) this.#line = undefined;
    };
    const opening = this.connection.append().then((call) => new Line(call, forget));
    opening.catch(forget);
    return opening;
  }
}

/** One call that carries appends, with those that wait for its answers. */
class Line {
  readonly #waiting = new Map<string, Waiting>();
  #brokenBy: { readonly error: unknown } | undefined;

  constructor(
    private readonly call: AppendCall,
    private readonly onBroken: () => void,
  ) {
    call.on('data', (response: BatchAppendResp) => this.#answer(response));
    call.on('error', (error) => this.#break(error));
    const ended = () => this.#break(new Error('the server ended the call that carries appends'));
    call.on('end', ended);
    call.on('close', ended);
  }

  send(request: AppendRequest, timeoutMs: number): Promise<AppendAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#brokenBy) {
        reject(this.#brokenBy.error as Error);
        return;
      }
      const correlationId = randomUUID();
      const timer = setTimeout(() => {
        this.#waiting.delete(correlationId);
        reject(new AnswerOverdue(`no answer to an append within ${Math.round(timeoutMs)} ms`));
      }, timeoutMs);
      this.#waiting.set(correlationId, { resolve, reject, timer });
      // Not waited for when it is buffered: how many appends are under way is limited already.
      this.call.write(appendMessage(request, correlationId));
    });
  }

  #answer(response: BatchAppendResp): void {
    const correlationId = uuidOf(response.getCorrelationId());
    const append = this.#waiting.get(correlationId);
    // Its caller may have given up by now.
    if (!append) return;
    this.#waiting.delete(correlationId);
    clearTimeout(append.timer);
    append.resolve(answerOf(response));
  }

  #break(error: unknown): void {
    if (this.#brokenBy) return;
    this.#brokenBy = { error };
    this.onBroken();
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#waiting.clear();
  }
}
