import { request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';

/** What a server answered, whole. */
export type PostAnswer = { readonly status: number; readonly body: Uint8Array };

export type PostOptions = {
  readonly mediaType: string;
  /** A longer answer is cut off. */
  readonly sizeMaxBytes: number;
  /** For connecting, sending and the whole answer together. */
  readonly timeoutMs: number;
  /** Gives up when it aborts. */
  readonly signal?: AbortSignal | undefined;
};

/** There is no whole answer: unreachable, too slow, cut off, too long. */
export class PostFailed extends Error {
  override readonly name = 'PostFailed';
  readonly code = 'post.failed';
}

/**
 * One POST to an http or https address, with a bound on time and on the length of the answer.
 * Follows no redirect: the address was configured by whoever trusts it, and leads nowhere else.
 *
 * Not by `fetch`: on a busy machine its time-out was seen not to end it.
 *
 * @throws PostFailed. The message does not name the address, which may hold a secret.
 */
export function postBytes(
  url: string,
  body: Uint8Array,
  { mediaType, sizeMaxBytes, timeoutMs, signal }: PostOptions,
): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const posting = requestTo(url, { 'content-type': mediaType, 'content-length': body.length });
    const fail = (reason: string, cause?: unknown): void => {
      settle();
      reject(new PostFailed(reason, { cause }));
      posting.destroy();
    };
    const timer = setTimeout(() => fail(`not within ${timeoutMs} ms`), timeoutMs);
    const giveUp = (): void => fail('given up', signal?.reason);
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    };
    if (signal?.aborted) giveUp();
    signal?.addEventListener('abort', giveUp, { once: true });
    const onError = (error: Error): void => fail(`no connection (${codeOf(error)})`, error);
    posting.on('error', onError);
    posting.on('response', (response: IncomingMessage) => {
      const chunks: Uint8Array[] = [];
      let size = 0;
      response.on('error', onError);
      response.on('data', (chunk: Uint8Array) => {
        size += chunk.length;
        if (size > sizeMaxBytes) fail(`answer over ${sizeMaxBytes} bytes`);
        else chunks.push(chunk);
      });
      response.on('end', () => {
        settle();
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) });
      });
    });
    posting.end(body);
  });
}

function requestTo(url: string, headers: Readonly<Record<string, string | number>>): ClientRequest {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  switch (address?.protocol) {
    case 'http:':
      return requestHttp(address, { method: 'POST', headers });
    case 'https:':
      return requestHttps(address, { method: 'POST', headers });
    default:
      throw new PostFailed('the address is none of http or https');
  }
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.name;
}
