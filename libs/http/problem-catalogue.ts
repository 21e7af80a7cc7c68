import type { ProblemCatalogue } from './problem.js';

/** How long a client should wait before it tries again, when nothing better is known. */
const RETRY_SECONDS = 1;
const REBUILD_RETRY_SECONDS = 10;

/**
 * The codes that every server of this kind can answer with: those of the door itself, of the
 * stores, and of `transact`. A context adds the refusals of its own commands.
 */
export const COMMON_PROBLEMS = {
  'request.invalid': { status: 400, title: 'The request does not fit its description' },
  'request.not-json': { status: 400, title: 'The body is not acceptable JSON' },
  'request.too-large': { status: 413, title: 'The body is larger than this server takes' },
  'request.unsupported-media-type': { status: 415, title: 'Only JSON is understood' },
  'route.unknown': { status: 404, title: 'There is nothing at this address' },

  'access.token-missing': { status: 401, title: 'A bearer token is needed' },
  'access.token-unknown': { status: 401, title: 'The bearer token is not known' },
  'access.forbidden': { status: 403, title: 'The role may not do this' },

  'revision.mismatch': { status: 412, title: 'It is not at the revision in If-Match' },
  'revision.conflict': { status: 409, title: 'Somebody else was quicker' },
  'idempotency.key-reused': { status: 422, title: 'The key stood for another request' },
  'moment.in-the-future': { status: 422, title: 'The moment has not come yet' },
  'event.not-canonical': { status: 422, title: 'A value cannot be stored' },
  'store.event-too-large': { status: 413, title: 'More than one event can hold' },

  'query.unknown-field': { status: 400, title: 'There is no such field' },
  'query.not-filterable': { status: 400, title: 'The field is not for filtering' },
  'query.not-sortable': { status: 400, title: 'The field is not for sorting' },
  'query.not-groupable': { status: 400, title: 'The field is not for counting by' },
  'query.bad-value': { status: 400, title: 'The value does not fit the field' },
  'query.bad-cursor': { status: 400, title: 'The cursor is not of this list' },
  'query.over-limit': { status: 400, title: 'More than one query may ask' },

  'position.not-reached': {
    status: 503,
    title: 'The server has not come that far yet',
    retryAfterSeconds: RETRY_SECONDS,
  },
  'store.unavailable': {
    status: 503,
    title: 'The event store cannot be reached; nothing was written',
    retryAfterSeconds: RETRY_SECONDS,
  },
  'store.append-unknown': {
    status: 503,
    title: 'It may or may not be written: send it again with the same Idempotency-Key',
    retryAfterSeconds: RETRY_SECONDS,
  },
  'store.locked': {
    status: 503,
    title: 'Another process holds the store',
    retryAfterSeconds: RETRY_SECONDS,
  },
  'read-models.unavailable': {
    status: 503,
    title: 'The read models cannot be reached',
    retryAfterSeconds: RETRY_SECONDS,
  },
  'read-models.rebuilding': {
    status: 503,
    title: 'The read model is being built',
    retryAfterSeconds: REBUILD_RETRY_SECONDS,
  },
  'internal.error': { status: 500, title: 'The server failed' },
  'internal.invariant-broken': { status: 500, title: 'The server met what cannot be and stops' },
} as const satisfies ProblemCatalogue;

/** Codes that any route may answer with, whatever it does. */
export const EVERYWHERE = ['access.token-unknown', 'access.token-missing', 'access.forbidden'];
