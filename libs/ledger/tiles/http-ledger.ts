import { Readable } from 'node:stream';
import type { PublicLedger } from '#evidence';
import { LedgerError } from '../ledger-error.js';
import { isPublicPath } from './ledger-folder.js';

export const HTTP_TIMEOUT_MS = 15_000;
/** A full bundle of the largest entries has 16.8 MB. */
const ANSWER_SIZE_MAX_BYTES = 20_000_000;
const [OK, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, GONE] = [200, 401, 403, 404, 410];

export type HttpLedgerOptions = {
  /** {@link HTTP_TIMEOUT_MS} unless told. */
  readonly timeoutMs?: number;
  /** Bearer token that may read entries; hashes and checkpoints want none. Never put into messages. */
  readonly token?: string;
};

/** A ledger that is served somewhere, below a URL. */
export class HttpLedger implements PublicLedger {
  readonly #url: string;

  /** @param url http or https, with or without a slash at its end */
  constructor(
    url: string,
    private readonly options: HttpLedgerOptions = {},
  ) {
    this.#url = url.endsWith('/') ? url : `${url}/`;
  }

  /** Undefined when it is not there. @throws LedgerError `ledger.unreachable` */
  async read(path: string): Promise<Uint8Array | undefined> {
    if (!isPublicPath(path)) return undefined;
    return await fetchBytes(this.#url + path, this.options);
  }
}

/** What lies at a URL; undefined when nothing does. @throws LedgerError `ledger.unreachable` */
export async function fetchBytes(
  url: string,
  { timeoutMs = HTTP_TIMEOUT_MS, token }: HttpLedgerOptions = {},
): Promise<Uint8Array | undefined> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const headers = new Headers(token === undefined ? {} : { authorization: `Bearer ${token}` });
    const response = await fetch(url, { signal, headers, redirect: 'error' });
    if (response.status === NOT_FOUND || response.status === GONE) {
      await response.body?.cancel();
      return undefined;
    }
    if (response.status === UNAUTHORIZED || response.status === FORBIDDEN) {
      await response.body?.cancel();
      throw new LedgerError('ledger.unreachable', `it wants a token that may read (${path(url)})`);
    }
    if (response.status !== OK) {
      await response.body?.cancel();
      throw new LedgerError('ledger.unreachable', `HTTP status ${response.status}`);
    }
    return await bytesOf(response, signal);
  } catch (cause) {
    if (cause instanceof LedgerError) throw cause;
    const { host } = new URL(url);
    throw new LedgerError('ledger.unreachable', `${host} does not answer`, { cause });
  }
}

function path(url: string): string {
  return new URL(url).pathname;
}

/**
 * The body as far as it comes before the signal aborts. That is not left to `fetch`: once it has
 * answered, nothing keeps its hold on the signal from being collected as garbage, and a body that
 * stops coming would be waited for in vain.
 */
async function bytesOf({ body }: Response, signal: AbortSignal): Promise<Uint8Array> {
  if (!body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  const incoming: AsyncIterable<Uint8Array> = Readable.fromWeb(body, { signal });
  for await (const bytes of incoming) {
    sizeBytes += bytes.length;
    if (sizeBytes > ANSWER_SIZE_MAX_BYTES) {
      throw new LedgerError('ledger.unreachable', `an answer over ${ANSWER_SIZE_MAX_BYTES} bytes`);
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
