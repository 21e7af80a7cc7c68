import { join } from 'node:path';
import {
  verifyEvents,
  verifyLedger,
  type EventRecord,
  type EventsVerdict,
  type Fault,
  type VerifyOptions,
} from '#evidence';
import { CHECKPOINT_PATH, LedgerFolder, readKeyFile } from '#ledger';
import { policyOfLog, verifierKeyOf, type Policy } from '#merkle';
import type { Configuration } from '#wiring';
import { UsageError } from '../exit-status.js';

/** Where a store keeps its ledger, and the key that signs it. */
export type LedgerPlaces = { readonly directory: string; readonly keyFile: string };

/** As configured; a store whose ledger is off may still have one from before. */
export function ledgerPlacesOf({ dataDir, ledger }: Configuration): LedgerPlaces {
  return ledger.kind === 'on' ? ledger : ledgerPlacesIn(dataDir);
}

/** In a folder that may be any store's: where this one was told to keep its ledger says nothing of it. */
export function ledgerPlacesIn(dataDir: string): LedgerPlaces {
  return { directory: join(dataDir, 'ledger'), keyFile: join(dataDir, 'ledger.key') };
}

/** Said whenever a store is verified with the key that lies beside it. */
export const OWN_KEY_WARNING =
  'anything against the house that runs this store: the key is its own. Auditors verify with --policy or --vkey, from outside';

/** @throws UsageError `usage.no-key` when the store has no key of its own. */
export async function ownPolicy(places: LedgerPlaces, origin: string): Promise<Policy> {
  const key = await readKeyFile(places.keyFile, origin);
  if (key) return policyOfLog(verifierKeyOf(key));
  const isSigned = (await new LedgerFolder(places.directory).read(CHECKPOINT_PATH)) !== undefined;
  throw new UsageError(
    'usage.no-key',
    isSigned
      ? 'this store was signed, and its key is gone: put the key back, or say --policy or --vkey'
      : 'this store has signed nothing yet: start the server, or say --policy or --vkey',
  );
}

/** A log that may be asked what its own file says of itself. */
export type CheckedLog = {
  readonly events: () => AsyncIterable<readonly EventRecord[]>;
  /** Problems in words; stores on servers have no file to ask. */
  readonly integrity?: () => Promise<readonly string[]>;
};

/** Opens the log of a folder for reading, beside whoever writes it, and closes it after the work. */
export async function withLogOf<Result>(
  directory: string,
  work: (log: CheckedLog) => Promise<Result>,
): Promise<Result> {
  const { SqliteEventStore } = await import('#event-store/sqlite');
  const store = await SqliteEventStore.open({ directory, mode: 'read' });
  try {
    return await work({ events: () => store.readAll(), integrity: () => store.integrity() });
  } finally {
    await store.close();
  }
}

/**
 * Holds a store against its ledger. What of the store cannot be read is a fault, not an error, as
 * long as it is damage and not absence.
 */
export async function verifyStore(
  withLog: <Result>(work: (log: CheckedLog) => Promise<Result>) => Promise<Result>,
  directory: string,
  options: VerifyOptions,
): Promise<EventsVerdict> {
  const ledger = new LedgerFolder(directory);
  try {
    return await withLog(async ({ events, integrity }) => {
      const verdict = await verifyEvents(events(), ledger, options);
      const problems = (await integrity?.()) ?? [];
      return withFaults(verdict, problems.map(fileFault));
    });
  } catch (error) {
    if (!isDamage(error)) throw error;
    const verdict = await verifyLedger(ledger, options);
    const fault = fileFault(`the store cannot be read: ${error.message}`);
    return withFaults({ ...verdict, notYetSigned: 0 }, [fault]);
  }
}

function fileFault(reason: string): Fault {
  return { what: 'file', index: null, reason, path: 'log.sqlite' };
}

function withFaults<Found extends EventsVerdict>(verdict: Found, faults: readonly Fault[]): Found {
  if (faults.length === 0) return verdict;
  return {
    ...verdict,
    ok: false,
    faults: [...faults, ...verdict.faults],
    faultCount: verdict.faultCount + faults.length,
  };
}

/** SQLite's words for it; the schema is a text in the file like any other. */
const DAMAGE = /database disk image is malformed|file is not a database|malformed database schema/;

function isDamage(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  return (
    code === 'store.damaged' ||
    code === 'store.format-unknown' ||
    code === 'internal.invariant-broken' ||
    // An event of no stream, say, is met while reading, and told as a log that cannot be read.
    (code === 'store.unavailable' && (DAMAGE.test(error.message) || isDamage(error.cause)))
  );
}
