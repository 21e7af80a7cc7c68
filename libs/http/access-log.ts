import type { ServedRequest } from './metrics.js';

/** One line a request. Without addresses, query strings and bodies: they hold personal data. */
export type AccessLine = ServedRequest & { readonly at: string; readonly requestId: string };

export type WriteText = (text: string) => void;

/** Lines that are written together; one write a request would cost more than the request's log. */
const LINES_MAX = 256;
const FLUSH_AFTER_MS = 100;

/** Collects lines for a moment and writes them together, as JSON, one a line. */
export class AccessLog {
  readonly #write: WriteText;
  #lines: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(write: WriteText) {
    this.#write = write;
  }

  add({ at, requestId, method, route, status, durationMs }: AccessLine): void {
    // All parts but the id are ours, and the id has a fixed alphabet: nothing needs escaping.
    this.#lines.push(
      `{"at":"${at}","requestId":"${requestId}","method":"${method}","route":"${route}","status":${status},"durationMs":${durationMs.toFixed(2)}}\n`,
    );
    if (this.#lines.length >= LINES_MAX) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_AFTER_MS).unref();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines.length === 0) return;
    const lines = this.#lines;
    this.#lines = [];
    this.#write(lines.join(''));
  }
}
