import { RequestRefused } from './problem.js';

/** The shape that errors of this house share: a stable literal beside the message. */
type CodedError = Error & { readonly code: string };

/** Fastify's own errors for requests that never reach a route, and what they are called here. */
const FASTIFY_CODES: { readonly [code: string]: readonly [code: string, detail: string] } = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['request.too-large', 'the body is over the limit'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'request.unsupported-media-type',
    'send the body as application/json',
  ],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['request.not-json', 'the body is empty'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['request.not-json', 'the body is not valid JSON'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['request.not-json', 'the body is not as long as announced'],
};

/** Typed errors whose message may be shown: they name things and sizes, never personal data. */
const SHOWN = new Set(['QueryRefused', 'NotCanonical', 'EventTooLarge', 'RequestRefused']);

/**
 * What a thrown thing is to the caller: a code of the catalogue with a message that may be shown,
 * or undefined when it is nobody's business but the log's.
 */
export function translateError(
  error: unknown,
): Pick<RequestRefused, 'code' | 'message' | 'errors'> | undefined {
  if (error instanceof RequestRefused) return error;
  const status = statusOf(error);
  if (!isCoded(error))
    return status === 404 ? NO_ROUTE : status === 400 ? NOT_UNDERSTOOD : undefined;
  const known = FASTIFY_CODES[error.code];
  if (known) return { code: known[0], message: known[1], errors: [] };
  const message = SHOWN.has(error.name) ? error.message : 'see the title';
  return { code: error.code, message, errors: [] };
}

const NO_ROUTE = { code: 'route.unknown', message: 'no such route', errors: [] } as const;
const NOT_UNDERSTOOD = {
  code: 'request.invalid',
  message: 'the request could not be understood',
  errors: [],
} as const;

function isCoded(error: unknown): error is CodedError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('getStatus' in error && typeof error.getStatus === 'function') {
    return Number(error.getStatus());
  }
  return 'statusCode' in error ? Number(error.statusCode) : undefined;
}
