import { uuidV4, uuidV5, type Randomness } from '#kernel';
import type { IncomingHttpHeaders } from 'node:http';
import { RequestRefused } from './problem.js';

/** Longest `Idempotency-Key`. */
export const IDEMPOTENCY_KEY_LENGTH_MAX = 200;

const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
const REVISION_TAG = /^"(\d{1,15})"$/;
const POSITION = /^(?:0|[1-9]\d{0,30})$/;
/** Namespace of command ids made from keys; a stored format, as ids of events derive from it. */
const COMMAND_NAMESPACE = '0d6b1c52-9a3e-5f0b-8d6e-2f5a1c7e4b90';

export type CommandIdentity = {
  readonly commandId: string;
  /** True when the id comes from the caller's key, so that the same request may have come before. */
  readonly keyed: boolean;
};

/**
 * The id of the command that a request carries. With an `Idempotency-Key` it is made of the actor,
 * what the command is aimed at, and the key: the same request sent twice is the same command. The
 * target is part of it so that ids of events stay unique when a caller counts its keys per
 * complaint. Without a key it is random.
 *
 * @throws RequestRefused `request.invalid` when the key is not 1 to 200 visible ASCII characters.
 */
export function readCommandIdentity(
  headers: IncomingHttpHeaders,
  scope: { readonly actorId: string; readonly target: string },
  randomness: Randomness,
): CommandIdentity {
  const key = headers['idempotency-key'];
  if (key === undefined) return { commandId: uuidV4(randomness.bytes(16)), keyed: false };
  if (
    typeof key !== 'string' ||
    key.length > IDEMPOTENCY_KEY_LENGTH_MAX ||
    !VISIBLE_ASCII.test(key)
  ) {
    throw badHeader(
      'Idempotency-Key',
      `must be 1 to ${IDEMPOTENCY_KEY_LENGTH_MAX} visible ASCII characters`,
    );
  }
  const name = `${scope.actorId}\n${scope.target}\n${key}`;
  return { commandId: uuidV5(COMMAND_NAMESPACE, name), keyed: true };
}

/**
 * The revision that the caller has seen, from `If-Match: "3"`.
 * @throws RequestRefused `request.invalid` for anything else than one revision in quotes.
 */
export function readIfMatch(headers: IncomingHttpHeaders): number | undefined {
  const tag = headers['if-match'];
  if (tag === undefined) return undefined;
  const match = REVISION_TAG.exec(tag);
  if (!match) throw badHeader('If-Match', 'must be one revision in quotes, such as "3"');
  return Number(match[1]);
}

/** The position that a reader must have seen, from `Redress-Position`. @throws RequestRefused */
export function readWantedPosition(headers: IncomingHttpHeaders): string | undefined {
  const position = headers['redress-position'];
  if (position === undefined) return undefined;
  if (typeof position !== 'string' || !POSITION.test(position)) {
    throw badHeader('Redress-Position', 'must be a position that this server has answered with');
  }
  return position;
}

function badHeader(field: string, message: string): RequestRefused {
  return new RequestRefused('request.invalid', `${field} ${message}`, [{ field, message }]);
}
