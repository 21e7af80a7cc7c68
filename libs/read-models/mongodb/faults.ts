import { InvariantBroken, NotCanonical } from '#kernel';
import { QueryRefused, ReadModelsUnavailable, ShareLost } from '#read-models/port';

/** The server's answer to a second document with the same key. */
export const DUPLICATE_KEY = 11_000;
/** The collection is not there (any more). */
export const NAMESPACE_NOT_FOUND = 26;
/** A collection of that name is there already. */
export const NAMESPACE_EXISTS = 48;
/** A query, its cursor or its collection was ended by a rename or a drop: asked again, it is answered. */
const ENDED_BY_A_SWITCH: ReadonlySet<unknown> = new Set([NAMESPACE_NOT_FOUND, 43, 175, 237]);

/** AuthenticationFailed; Unauthorized, as who gives no password is told; AtlasError, its like. */
const SIGN_IN_REFUSED: ReadonlySet<unknown> = new Set([18, 13, 8_000]);

const CREDENTIALS = /\/\/\S*@/g;

const OUR_OWN = [ReadModelsUnavailable, ShareLost, QueryRefused, InvariantBroken, NotCanonical];

/** The error as it may cross the port: ours as it is, a driver's told in the port's words. */
export function translated(error: unknown): unknown {
  if (OUR_OWN.some((known) => error instanceof known)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  // A driver may quote the URL that it was given, password and all; causes are logged, too.
  const told = reason.replace(CREDENTIALS, '//…@');
  const cause = told === reason ? error : Object.assign(new Error(told), { code: codeOf(error) });
  return new ReadModelsUnavailable('read-models.unavailable', `MongoDB: ${told}`, { cause });
}

export function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** Whether an error of this adapter says that the server does not let this user in. */
export function isSignInRefused(error: unknown): boolean {
  return error instanceof ReadModelsUnavailable && SIGN_IN_REFUSED.has(codeOf(error.cause));
}

/** True for a fault of the server that a switch of collections explains. */
export function isEndedBySwitch(error: unknown): boolean {
  const cause = error instanceof ReadModelsUnavailable ? error.cause : error;
  return ENDED_BY_A_SWITCH.has(codeOf(cause));
}

export function unavailable(message: string): ReadModelsUnavailable {
  return new ReadModelsUnavailable('read-models.unavailable', message);
}

export function rebuilding(name: string, problem = 'is not built yet'): ReadModelsUnavailable {
  return new ReadModelsUnavailable('read-models.rebuilding', `${name} ${problem}`);
}
