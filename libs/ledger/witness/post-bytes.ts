/** What a server answered, whole. */
export type PostAnswer = {
  readonly status: number;
  /** Without parameters, in lower case; empty when the server names none. */
  readonly mediaType: string;
  readonly body: Uint8Array;
};

export type PostOptions = {
  readonly mediaType: string;
  /** A longer answer is cut off. */
  readonly sizeMaxBytes: number;
  /** For connecting, sending and the whole answer together. */
  readonly timeoutMs: number;
};

/** There is no whole answer: unreachable, too slow, cut off, redirected, too long. */
export class PostFailed extends Error {
  override readonly name = 'PostFailed';
  readonly code = 'post.failed';
}

/**
 * One POST with a bound on time and on the length of the answer. Follows no redirect: the address
 * was configured by whoever trusts it, and leads nowhere else.
 *
 * @throws PostFailed. The message does not name the address, which may hold a secret.
 */
export async function postBytes(
  url: string,
  body: Uint8Array,
  { mediaType, sizeMaxBytes, timeoutMs }: PostOptions,
): Promise<PostAnswer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': mediaType },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const [answered = ''] = (response.headers.get('content-type') ?? '').split(';', 1);
    return {
      status: response.status,
      mediaType: answered.trim().toLowerCase(),
      body: await bodyOf(response, sizeMaxBytes),
    };
  } catch (cause) {
    throw new PostFailed(reasonOf(cause, timeoutMs), { cause });
  }
}

/** The chunks as they come, so that an endless answer fills no memory. */
async function bodyOf(response: Response, sizeMaxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body: AsyncIterable<Uint8Array> = response.body ?? new ReadableStream<Uint8Array>();
  for await (const chunk of body) {
    size += chunk.length;
    if (size > sizeMaxBytes) throw new PostFailed(`answer over ${sizeMaxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function reasonOf(cause: unknown, timeoutMs: number): string {
  if (cause instanceof PostFailed) return cause.message;
  if (!(cause instanceof Error)) return 'no connection';
  if (cause.name === 'TimeoutError') return `not within ${timeoutMs} ms`;
  const inner = cause.cause;
  const code = inner instanceof Error && 'code' in inner ? String(inner.code) : cause.name;
  return `no connection (${code})`;
}
