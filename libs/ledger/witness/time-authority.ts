import { createHash } from 'node:crypto';
import type { Instant, Randomness } from '#kernel';
import { DerMalformed } from './der.js';
import { postBytes, PostFailed, type PostOptions } from './post-bytes.js';
import { encodeTimeStampRequest, isSameNonce, parseTimeStampResponse } from './time-stamp.js';

/** Time for the whole answer; authorities answer in under a second or not at all. */
export const TIME_ANSWER_TIMEOUT_MS = 15_000;
/** A token with its chain of certificates is 2 to 8 kB. */
const ANSWER_SIZE_MAX_BYTES = 65_536;
const NONCE_SIZE_BYTES = 8;
const HTTP_OK = 200;

/** What went wrong, as an operator tells it apart. Written once, never changed. */
export type TimeTokenErrorCode =
  'time-token.unreachable' | 'time-token.refused' | 'time-token.malformed' | 'time-token.not-ours';

/** No token was had; nothing is lost, and it may be asked for again. */
export class TimeTokenError extends Error {
  override readonly name = 'TimeTokenError';

  constructor(
    readonly code: TimeTokenErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What an authority vouches for: these bytes were there then. */
export type TimeToken = {
  /**
   * The authority's whole answer, a TimeStampResp: the content of `time/<size>.tsr`, as
   * `openssl ts -verify -data <size>.note -in <size>.tsr` reads it.
   */
  readonly response: Uint8Array;
  /** The authority's time. */
  readonly at: Instant;
};

export type TimeAuthority = {
  /** http or https; RFC 3161 §3.4. May hold a secret path: never printed. */
  readonly url: string;
  readonly randomness: Randomness;
  /** Default {@link TIME_ANSWER_TIMEOUT_MS}. */
  readonly timeoutMs?: number;
  /** Gives up when it aborts. */
  readonly signal?: AbortSignal;
};

/**
 * Asks a time-stamp authority (RFC 3161) for a token over exactly these bytes. The answer is checked
 * to be granted, over this hash and with the nonce sent now; the authority's signature is left to
 * openssl, see {@link verifyTimeToken}.
 *
 * @throws TimeTokenError `time-token.unreachable` (no answer, too slow, too long, not status 200),
 *   `time-token.refused` (the authority says no), `time-token.malformed`, `time-token.not-ours`
 *   (another hash or nonce).
 */
export async function requestTimeToken(
  note: Uint8Array,
  { url, randomness, timeoutMs = TIME_ANSWER_TIMEOUT_MS, signal }: TimeAuthority,
): Promise<TimeToken> {
  const hash = createHash('sha256').update(note).digest();
  const nonce = randomness.bytes(NONCE_SIZE_BYTES);
  const response = await answerOf(url, encodeTimeStampRequest({ hash, nonce }), {
    timeoutMs,
    signal,
  });
  const answer = parsed(response);
  if (answer.kind === 'refused') {
    const message = `the time authority refused with status ${answer.status}`;
    throw new TimeTokenError('time-token.refused', message);
  }
  if (!hash.equals(answer.hash)) {
    throw new TimeTokenError('time-token.not-ours', 'the token is over another hash');
  }
  if (!isSameNonce(nonce, answer.nonce)) {
    throw new TimeTokenError('time-token.not-ours', 'the token has not the nonce that was sent');
  }
  return { response, at: answer.at.toISOString() };
}

async function answerOf(
  url: string,
  body: Uint8Array,
  ending: Pick<PostOptions, 'timeoutMs' | 'signal'>,
): Promise<Uint8Array> {
  const posting = postBytes(url, body, {
    mediaType: 'application/timestamp-query',
    sizeMaxBytes: ANSWER_SIZE_MAX_BYTES,
    ...ending,
  });
  const answer = await posting.catch((cause: unknown) => {
    if (!(cause instanceof PostFailed)) throw cause;
    const message = `the time authority gave no answer: ${cause.message}`;
    throw new TimeTokenError('time-token.unreachable', message, { cause });
  });
  if (answer.status === HTTP_OK) return answer.body;
  const message = `the time authority answered HTTP status ${answer.status}`;
  throw new TimeTokenError('time-token.unreachable', message);
}

function parsed(response: Uint8Array): ReturnType<typeof parseTimeStampResponse> {
  try {
    return parseTimeStampResponse(response);
  } catch (cause) {
    if (!(cause instanceof DerMalformed)) throw cause;
    const message = `the time authority's answer cannot be read: ${cause.message}`;
    throw new TimeTokenError('time-token.malformed', message, { cause });
  }
}
