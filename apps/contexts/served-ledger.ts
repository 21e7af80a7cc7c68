import { join } from 'node:path';
import { decodeComplaintEvent, findComplaintId } from '#complaints/contract';
import type { EventStore } from '#event-store/port';
import { LedgerError, LedgerFolder, readKeyFile } from '#ledger';
import { receiptLinks, type PackSubject, type ServedLedger } from '#ledger/door';
import { documentsIn } from '#ledger/packs';
import { verifierKeyOf, type VerifierKey } from '#merkle';
import type { Configuration } from '#wiring';
import { isBeingRebuilt, policyIn, type RunningLedger } from './running-ledger.js';

/** Within the data directory: documents, each named by the SHA-256 of its content. */
const DOCUMENTS_FOLDER = 'documents';

export type LedgerToServe = {
  readonly configuration: Pick<Configuration, 'ledger' | 'origin' | 'dataDir'>;
  readonly eventStore: EventStore;
  /** In this process, where it is so: its folder knows ids that are not written yet. */
  readonly running?: Pick<RunningLedger, 'folder' | 'state'> | undefined;
  /** Of the product; packs name it. */
  readonly version: string;
};

/**
 * The ledger as it is shown over HTTP and as packs are made of it; undefined when it is off.
 * @throws ConfigurationInvalid when the policy is none.
 */
export async function servedLedger({
  configuration: { ledger, origin, dataDir },
  eventStore,
  running,
  version,
}: LedgerToServe): Promise<ServedLedger | undefined> {
  if (ledger.kind === 'off') return undefined;
  const { directory, keyFile, policyFile } = ledger;
  let known: VerifierKey | undefined;
  return {
    eventStore,
    folder: running?.folder ?? new LedgerFolder(directory),
    isBeingRebuilt: () => running !== undefined && isBeingRebuilt(running.state),
    key: async () => {
      // Made with the first signature, and never changed after.
      known ??= await verifierKeyIn(keyFile, origin);
      return known;
    },
    subjectOf: (text) => packSubjectOf(eventStore, text),
    documents: documentsIn(join(dataDir, DOCUMENTS_FOLDER)),
    generator: `redress ${version}`,
    policy: policyFile === undefined ? undefined : await policyIn(policyFile),
  };
}

/** Undefined too for a key that signs nothing: what was signed is shown and packed all the same. */
async function verifierKeyIn(file: string, origin: string): Promise<VerifierKey | undefined> {
  try {
    const signer = await readKeyFile(file, origin);
    return signer && verifierKeyOf(signer);
  } catch (error) {
    if (error instanceof LedgerError && error.code === 'ledger.key-unusable') return undefined;
    throw error;
  }
}

/** The stream that a reference, an id or a stream's name means, under the reference it was given. */
async function packSubjectOf(
  eventStore: EventStore,
  text: string,
): Promise<PackSubject | undefined> {
  const stream = findComplaintId(text);
  if (stream === undefined) return undefined;
  const [stored] = await eventStore.readStream(stream, { limit: 1 });
  const lodged = stored && decodeComplaintEvent(stored);
  if (lodged?.type !== 'ComplaintLodged') return undefined;
  return { stream, subject: lodged.data.reference };
}

/** Where the proof of an event is found; undefined when no ledger is kept. */
export function receiptLinksOf({
  ledger,
  publicUrl,
}: Pick<Configuration, 'ledger' | 'publicUrl'>): ReturnType<typeof receiptLinks> | undefined {
  return ledger.kind === 'off' ? undefined : receiptLinks(publicUrl);
}
