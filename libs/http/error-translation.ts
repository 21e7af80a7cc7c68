import { HttpException } from '@nestjs/common';
import { RequestRefused } from './problem.js';

type Refused = Pick<RequestRefused, 'code' | 'message' | 'errors'>;

/** The shape that errors of this house share: a stable literal beside the message. */
type CodedError = Error & { readonly code: string };

/** What the web framework refuses by itself, before any route; it tells them apart by status alone. */
const BY_STATUS: { readonly [status: number]: Refused } = {
  400: refused('request.invalid', 'the request could not be understood'),
  404: refused('route.unknown', 'no such route'),
  413: refused('request.too-large', 'the body is over the limit'),
  415: refused('request.unsupported-media-type', 'send the body as application/json'),
};

/** Typed errors whose message may be shown: they name things and sizes, never personal data. */
const SHOWN = new Set([
  'QueryRefused',
  'NotCanonical',
  'EventTooLarge',
  'RequestRefused',
  'PackRefused',
]);

/**
 * What a thrown thing is to the caller: a code of the catalogue with a message that may be shown,
 * or undefined when it is nobody's business but the log's.
 */
export function translateError(error: unknown): Refused | undefined {
  if (error instanceof RequestRefused) return error;
  if (!isCoded(error)) return BY_STATUS[statusOf(error)];
  const message = SHOWN.has(error.name) ? error.message : 'see the title';
  return { code: error.code, message, errors: [] };
}

function refused(code: string, message: string): Refused {
  return { code, message, errors: [] };
}

function isCoded(error: unknown): error is CodedError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

function statusOf(error: unknown): number {
  return error instanceof HttpException ? error.getStatus() : 500;
}
