import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { verifyPack } from '#evidence';
import { MemoryEventStore } from '#event-store/memory';
import { canonicalJson, uuidV5, type NewEvent } from '#kernel';
import { LedgerFolder, readKeyFile, sequenceOnce } from '#ledger';
import { buildPack, NO_DOCUMENTS } from '#ledger/packs';
import { policyOfLog, verifierKeyOf } from '#merkle';
import { SystemClock, SystemRandomness } from '#wiring';
import { figure, median, type Benchmark, type Figure } from './figure.js';

const ORIGIN = 'redress.example/bench';
const NAMESPACE = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
/** Of the complaint whose pack it is. */
const EVENTS_COUNT = 200;
/** Of other complaints, before each of its own. */
const OTHERS_COUNT = 99;
const NARRATIVE_LENGTH = 1_500;
const ROUNDS = 9;
/** What the ledger's rules allow for verifying the pack of such a complaint. */
const VERIFY_MAX_MS = 1_000;

function eventOf(stream: string, revision: number): NewEvent {
  const commandId = uuidV5(NAMESPACE, `${stream}/${revision}`);
  const narrative = `Überweisung ${revision} fehlt. `.repeat(80).slice(0, NARRATIVE_LENGTH);
  const salt = createHash('sha256').update(commandId).digest().subarray(0, 16);
  return {
    id: uuidV5(commandId, '0'),
    type: revision === 0 ? 'ComplaintLodged' : 'ContactRecorded',
    data: canonicalJson({ direction: 'inbound', medium: 'e-mail', narrative, revision }),
    metadata: canonicalJson({
      actor: { id: `handler-${revision % 7}`, role: 'case-handler', via: 'http' },
      commandId,
      correlationId: commandId,
      recordedAt: new Date(Date.UTC(2026, 0, 1) + revision * 60_000).toISOString(),
      salt: salt.toString('base64url'),
      schemaVersion: 1,
      v: 1,
    }),
  };
}

async function fill(eventStore: MemoryEventStore, stream: string): Promise<void> {
  for (let revision = 0; revision < EVENTS_COUNT; revision += 1) {
    const expected = revision === 0 ? 'no-stream' : revision - 1;
    await eventStore.append(stream, expected, [eventOf(stream, revision)]);
    const other = `complaint-${uuidV5(NAMESPACE, String(revision))}`;
    const others = Array.from({ length: OTHERS_COUNT }, (_, at) => eventOf(other, at));
    await eventStore.append(other, 'no-stream', others);
  }
}

async function run({
  directory,
  say,
}: Parameters<Benchmark['run']>[0]): Promise<readonly Figure[]> {
  const eventStore = new MemoryEventStore();
  const stream = `complaint-${uuidV5(NAMESPACE, 'measured')}`;
  await fill(eventStore, stream);
  const folder = new LedgerFolder(join(directory, 'ledger'));
  const keyFile = join(directory, 'ledger.key');
  const system = { clock: new SystemClock(), randomness: new SystemRandomness() };
  await sequenceOnce({ eventStore, folder, keyFile, origin: ORIGIN, ...system });
  const signer = await readKeyFile(keyFile, ORIGIN);
  if (!signer) throw new Error('the ledger was not signed');
  const policy = policyOfLog(verifierKeyOf(signer));
  const sources = { eventStore, folder, documents: NO_DOCUMENTS, generator: 'bench' };
  const builds: number[] = [];
  const verifies: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedAtMs = performance.now();
    const { zip, size } = await buildPack(sources, { stream, subject: 'C-0' });
    const builtAtMs = performance.now();
    const { ok, checked } = verifyPack(zip, { policy });
    verifies.push(performance.now() - builtAtMs);
    builds.push(builtAtMs - startedAtMs);
    if (!ok || checked !== EVENTS_COUNT) throw new Error('the pack does not verify');
    if (round === 0) say(`${zip.length} bytes, ${checked} events under a tree of ${size}`);
  }
  await eventStore.close();
  const verified = median(verifies);
  return [
    figure('pack-verify', verified, 'ms', { name: 'ms allowed', value: VERIFY_MAX_MS }),
    figure('pack-build', median(builds), 'ms', { name: 'ms to verify it', value: verified }),
  ];
}

export const packBenchmark: Benchmark = {
  name: 'pack',
  about: `builds and verifies the evidence pack of a complaint of ${EVENTS_COUNT} events`,
  run,
};
