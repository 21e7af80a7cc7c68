import type { ProblemCatalogue } from '#http';

/** A checkpoint is signed at most a second after an append. */
const SIGNED_RETRY_SECONDS = 1;
const BUSY_RETRY_SECONDS = 5;
/** A million leaves take minutes; a folder as a restore leaves it is rebuilt in seconds. */
const REBUILD_RETRY_SECONDS = 10;

/**
 * The refusals of the ledger's routes, for the door's catalogue. What is not here, such as a damaged
 * ledger, is a fault of the server: it is answered as such, and told in its log.
 */
export const LEDGER_PROBLEMS = {
  'ledger.off': { status: 404, title: 'This server keeps no ledger' },
  'ledger.unknown-file': { status: 404, title: 'The ledger has no such file' },
  'ledger.unknown-event': {
    status: 404,
    title: 'No event of the log has this id, or not with this salt',
  },
  'ledger.unknown-stream': { status: 404, title: 'There is nothing to make a pack of' },
  'ledger.unknown-scope': { status: 422, title: 'What is to be withheld or shown is not there' },
  'ledger.kept-unusable': { status: 422, title: 'What was kept says nothing of this pack' },
  'ledger.kept-differs': { status: 409, title: 'The log does not extend what was kept' },
  'ledger.event-differs': {
    status: 409,
    title: 'A stored event is not as it was signed',
    isAlarm: true,
  },
  'ledger.pack-too-large': { status: 413, title: 'More than one pack may hold' },
  'ledger.not-yet-signed': {
    status: 503,
    title: 'No signed checkpoint covers it yet',
    retryAfterSeconds: SIGNED_RETRY_SECONDS,
  },
  'ledger.rebuilding': {
    status: 503,
    title: "The ledger's files are being made anew from the log",
    retryAfterSeconds: REBUILD_RETRY_SECONDS,
  },
  'ledger.busy': {
    status: 503,
    title: 'Too many ask for this at the same time',
    retryAfterSeconds: BUSY_RETRY_SECONDS,
  },
  'ledger.folder-unavailable': {
    status: 503,
    title: "The ledger's files cannot be read now",
    retryAfterSeconds: BUSY_RETRY_SECONDS,
  },
} as const satisfies ProblemCatalogue;

export type LedgerProblem = keyof typeof LEDGER_PROBLEMS;
