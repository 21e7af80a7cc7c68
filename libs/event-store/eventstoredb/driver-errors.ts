import { convertToCommandError, ErrorType } from '@eventstore/db-client';
import { InvariantBroken } from '#kernel';
import { StoreUnavailable } from '#event-store/port';

/** Codes of gRPC with which calls end. */
export const CANCELLED = 1;
const UNAUTHENTICATED = 16;
const PERMISSION_DENIED = 7;
const UNAVAILABLE = 14;
const UNKNOWN = 2;

/** What gRPC says when it never had a connection, so that no byte of the call has left. */
const NEVER_SENT =
  /No connection established|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|Name resolution failed|Failed to discover|Channel has been shut down|Channel closed before call started/;

/** The call was made and can be made again, with luck to another outcome. */
export function isPassing(error: unknown): boolean {
  return !isDenied(error) && !(error instanceof InvariantBroken);
}

/** The server's answer to an append that it does not let us make. */
export class AppendsDenied extends Error {
  readonly type = ErrorType.ACCESS_DENIED;

  constructor() {
    super('the server denies us appends');
  }
}

/** The server does not let us in; it will not do so the next moment either. */
export function isDenied(error: unknown): boolean {
  const code = codeOf(error);
  return (
    typeOf(error) === ErrorType.ACCESS_DENIED ||
    code === UNAUTHENTICATED ||
    code === PERMISSION_DENIED
  );
}

/** Whether an error of this adapter says that the server does not let this user in. */
export function isSignInRefused(error: unknown): boolean {
  return error instanceof StoreUnavailable && isDenied(error.cause);
}

/**
 * True only when the server surely never saw the call. Not for one that ends because its server leads no
 * longer: many appends share a call, and the others on it may have been stored while it still led.
 */
export function isNeverSent(error: unknown): boolean {
  if (isDenied(error)) return true;
  const code = codeOf(error);
  return (code === undefined || code === UNAVAILABLE) && NEVER_SENT.test(messageOf(error));
}

/** What a server says of a position at which none of its records begins: ReadAllResult.InvalidPosition. */
export function isPositionUnknown(error: unknown): boolean {
  return codeOf(error) === UNKNOWN && /InvalidPosition|invalid position/i.test(messageOf(error));
}

export function isStreamDeleted(error: unknown): boolean {
  return typeOf(error) === ErrorType.STREAM_DELETED;
}

/** The code of gRPC; some errors of the client have no type, but all that matter have this. */
export function codeOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'number' ? error.code : undefined;
}

/** What the client calls this kind of error; told apart by it, since messages may be empty. */
export function typeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const named = error instanceof Error ? asCommandError(error) : error;
  return 'type' in named && typeof named.type === 'string' ? named.type : undefined;
}

function asCommandError(error: Error): Error {
  // The client's conversion reads the details of every error that has a code.
  const isGrpc = 'details' in error && typeof error.details === 'string';
  return isGrpc ? convertToCommandError(error) : error;
}

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' ? (typeOf(error) ?? error.name) : error.message;
}

/** What a failed read becomes; no driver error leaves the adapter but as a cause. */
export function unavailable(error: unknown, doing: string): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error;
  return new StoreUnavailable(`${doing}: ${messageOf(error)}`, { cause: error });
}
