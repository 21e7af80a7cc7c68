/** Exit statuses of every command; an interface, so never changed. */
export const EXIT = { done: 0, found: 1, wrongUse: 2, unavailable: 3 } as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** The command was called in a way that cannot be carried out; nothing was done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(
    readonly code: `${string}.${string}`,
    message: string,
  ) {
    super(message);
  }
}

/** The store is there but cannot be used now, or is held by another process. */
const UNAVAILABLE = new Set([
  'store.unavailable',
  'store.locked',
  'store.damaged',
  'store.format-unknown',
  'store.append-unknown',
  'store.position-unknown',
  'read-models.unavailable',
  'read-models.rebuilding',
  'read-models.locked',
  'read-models.format-unknown',
  'ledger.folder-unavailable',
  'ledger.outside-unavailable',
  'ledger.unreachable',
  'witness.state-damaged',
]);

/** What the ledger refuses over: it has found something that somebody must look at. */
const FOUND = new Set([
  'ledger.log-does-not-extend',
  'ledger.forked',
  'ledger.key-changed',
  'ledger.key-missing',
  'ledger.key-unusable',
  'ledger.checkpoint-malformed',
  'ledger.event-malformed',
  'ledger.damaged',
]);

/** System errors that speak of the place where the store lies, not of how it was called. */
const DISK = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EIO', 'ENOTDIR', 'EADDRINUSE']);

/** Codes of refusals and of errors that name what the caller got wrong. */
const WRONG_USE =
  /^(?:(?:usage|configuration|query|import|reference|complaint|moment|demo)\.|store\.address-invalid$)/;

export type Failure = {
  readonly status: ExitStatus;
  readonly code: string;
  readonly message: string;
  /** A fault of the program: worth its stack. */
  readonly unexpected?: true;
};

/** What an error means for whoever called the command. */
export function failureOf(error: unknown): Failure {
  const code = codeOf(error) ?? 'internal.error';
  const message = withAdvice(code, error instanceof Error ? error.message : String(error));
  if (error instanceof UsageError || WRONG_USE.test(code)) {
    return { status: EXIT.wrongUse, code, message };
  }
  if (FOUND.has(code)) return { status: EXIT.found, code, message };
  if (UNAVAILABLE.has(code)) return { status: EXIT.unavailable, code, message };
  if (DISK.has(code)) return { status: EXIT.unavailable, code: 'store.unavailable', message };
  return { status: EXIT.unavailable, code, message, unexpected: true };
}

const DAMAGE = /database disk image is malformed|file is not a database/;

/**
 * Whoever runs a command knows no event ids to send again. Read models that are damaged cannot be
 * folded over, but nothing is lost with them.
 */
function withAdvice(code: string, message: string): string {
  if (code === 'store.append-unknown') {
    return `${message}; run the same command again: what is stored is found, and not written twice`;
  }
  if (code !== 'read-models.unavailable' || !DAMAGE.test(message)) return message;
  return (
    `${message}: while no server runs, move read-models.sqlite (with -wal and -shm) away, ` +
    'and `redress rebuild` makes it anew from the log'
  );
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
