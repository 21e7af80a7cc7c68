import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { leafEntryOf, verifyLedger, type Fault } from '#evidence';
import {
  addSignatures,
  cosign,
  formatTlogProof,
  formatVerifierKey,
  leafHash,
  newSignerKey,
  parseNote,
  parsePolicy,
  parseTlogProof,
  proveInclusion,
  TILE_WIDTH,
  verifierKeyOf,
  verifyTlogProof,
  type Policy,
} from '#merkle';
import {
  changeByte,
  complaintHistory,
  MemoryLedger,
  printTampering,
  randomNumbers,
  signedLedger,
  TAMPERS_FULLY,
  testSigner,
} from '#testing/evidence';

// The tamper suite for the bytes of a ledger: ten thousand random ones of its tiles, entries,
// checkpoint and proofs and of the policy, with those of the database in tamper-database.spec.ts.
// What is not found must be proved harmless, or the suite fails.

const TIMES = TAMPERS_FULLY ? 5 : 1;
const CHANGES = {
  tiles: 1_500 * TIMES,
  entries: 1_500 * TIMES,
  checkpoint: 750 * TIMES,
  cosigned: 750 * TIMES,
  proofs: 4_000 * TIMES,
  policy: 1_000 * TIMES,
} as const;
const TIMEOUT_MS = 3_600_000;

const EVENTS = complaintHistory({ events: 300, streams: 40 });
const LEDGER = signedLedger({ events: EVENTS });
const CHECKPOINT = 'checkpoint';
const LENGTH_SIZE_BYTES = 2;

const WITNESSES = [1, 2, 3].map((seed) =>
  newSignerKey(`witness-${seed}.example`, new Uint8Array(32).fill(seed), 0x04),
);
/** Signed by the log, and cosigned by three witnesses of which two are asked for. */
const COSIGNED = cosignedLedger();
const [LOG_KEY = never()] = LEDGER.policy.logs.map(({ key }) => key);
const POLICY_TEXT = [
  '# whom we trust',
  `log ${formatVerifierKey(LOG_KEY)} https://log.example/`,
  ...WITNESSES.map(
    (signer, at) => `witness w${at} ${formatVerifierKey(verifierKeyOf(signer))} https://w${at}/`,
  ),
  'group most 2 w0 w1 w2',
  'quorum most',
  '',
].join('\n');
const POLICY = parsePolicy(POLICY_TEXT);

function cosignedLedger(): MemoryLedger {
  const ledger = LEDGER.clone();
  const { text } = parseNote(LEDGER.note);
  const lines = WITNESSES.map((signer) => cosign(text, signer, 1_767_225_600n));
  ledger.files.set(CHECKPOINT, Buffer.from(addSignatures(LEDGER.note, lines.join(''))));
  return ledger;
}

type Change = { readonly path: string; readonly place: number };

/** Changes bytes of the files whose paths begin so; answers the changes that are not found, or not there. */
async function changesOf(prefix: RegExp, count: number, seed: number) {
  const random = randomNumbers(seed);
  const missed: string[] = [];
  const nowhere: string[] = [];
  const paths = [...LEDGER.files.keys()].filter((path) => prefix.test(path));
  for (let changes = 0; changes < count; changes += 1) {
    const path = paths[random(paths.length)] ?? never();
    const ledger = LEDGER.clone();
    const place = changeByte(ledger.files.get(path) ?? never(), random);
    const { ok, faults } = await verifyLedger(ledger, { policy: LEDGER.policy });
    if (ok) missed.push(`${path} ${place}`);
    else if (!faults.some((fault) => isLocated(fault, { path, place }))) {
      nowhere.push(`${path} ${place} ${JSON.stringify(faults.slice(0, 3))}`);
    }
  }
  return { missed, nowhere };
}

/** Whether a fault names the file, or of a bundle the very leaf. */
function isLocated({ path, what, index }: Fault, change: Change): boolean {
  if (path === change.path) return true;
  return what === 'leaf' && change.path.startsWith('tile/entries/') && index === leafAt(change);
}

/** Index of the leaf that the byte of a bundle is of. */
function leafAt({ path, place }: Change): number {
  const bytes = Buffer.from(LEDGER.files.get(path) ?? []);
  let index = path.startsWith('tile/entries/000') ? 0 : TILE_WIDTH;
  let end = LENGTH_SIZE_BYTES + bytes.readUInt16BE(0);
  for (; end <= place; index += 1) end += LENGTH_SIZE_BYTES + bytes.readUInt16BE(end);
  return index;
}

describe('random bytes of a ledger that change', () => {
  it.each([
    ['tiles', /^tile\/\d/, CHANGES.tiles],
    ['entries', /^tile\/entries\//, CHANGES.entries],
    ['the checkpoint', /^checkpoint$/, CHANGES.checkpoint],
  ] as const)(
    'are found in %s, and the file named or the leaf',
    async (name, prefix, count) => {
      const { missed, nowhere } = await changesOf(prefix, count, count);
      printTampering(
        `${count} bytes of ${name} changed: ${missed.length} missed, ${nowhere.length} not located`,
      );
      expect({ missed, nowhere }).toEqual({ missed: [], nowhere: [] });
    },
    TIMEOUT_MS,
  );

  it(
    'are found in a cosigned checkpoint, or take away a cosignature more than was asked for',
    async () => {
      const random = randomNumbers(4);
      const counts = { found: 0, harmless: 0, missed: 0 };
      const logSigned = LEDGER.note.length;
      expect(await verifyLedger(COSIGNED, { policy: POLICY })).toMatchObject({ ok: true });
      for (let changes = 0; changes < CHANGES.cosigned; changes += 1) {
        const ledger = COSIGNED.clone();
        const place = changeByte(ledger.files.get(CHECKPOINT) ?? never(), random);
        const { ok, faults, size } = await verifyLedger(ledger, { policy: POLICY });
        if (!ok) counts[faults[0]?.path === CHECKPOINT ? 'found' : 'missed'] += 1;
        else counts[place >= logSigned && size === EVENTS.length ? 'harmless' : 'missed'] += 1;
      }
      printTampering(
        `${CHANGES.cosigned} bytes of a cosigned checkpoint changed: ${JSON.stringify(counts)}`,
      );
      expect(counts.missed).toBe(0);
      expect(counts.harmless).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  it(
    'are found in proof files',
    async () => {
      const random = randomNumbers(2);
      const missed: string[] = [];
      const files = await Promise.all(EVENTS.map((_, index) => proofFile(index)));
      files.forEach(verifyProofFile);
      for (let changes = 0; changes < CHANGES.proofs; changes += 1) {
        const index = random(EVENTS.length);
        const bytes = new Uint8Array(files[index] ?? never());
        const place = changeByte(bytes, random);
        try {
          verifyProofFile(bytes);
          missed.push(`${index} ${place}`);
        } catch (error) {
          expect(error).toMatchObject({ name: 'MerkleError', code: expect.any(String) });
        }
      }
      printTampering(`${CHANGES.proofs} bytes of proof files changed: ${missed.length} missed`);
      expect(missed).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

async function proofFile(index: number): Promise<Uint8Array> {
  const event = EVENTS[index] ?? never();
  const extra = leafEntryOf(event, { origin: testSigner().name, index });
  const proof = await proveInclusion(LEDGER, BigInt(index), BigInt(EVENTS.length));
  const { note: checkpoint } = LEDGER;
  return Buffer.from(formatTlogProof({ extra, index: BigInt(index), proof, checkpoint }));
}

function verifyProofFile(bytes: Uint8Array): void {
  const proof = parseTlogProof(bytes);
  verifyTlogProof(proof, leafHash(proof.extra ?? new Uint8Array()), LEDGER.policy);
}

type PolicyOutcome = 'found' | 'harmless' | 'othersNumber' | 'missed';

describe('random bytes of a policy that change', () => {
  it(
    'are found, or say the same, or ask for another number of witnesses that have cosigned too',
    async () => {
      const random = randomNumbers(3);
      const counts: Record<PolicyOutcome, number> = {
        found: 0,
        harmless: 0,
        othersNumber: 0,
        missed: 0,
      };
      for (let changes = 0; changes < CHANGES.policy; changes += 1) {
        const bytes = Buffer.from(POLICY_TEXT);
        counts[await policyOutcome(bytes, changeByte(bytes, random))] += 1;
      }
      printTampering(`${CHANGES.policy} bytes of a policy changed: ${JSON.stringify(counts)}`);
      expect(counts.missed).toBe(0);
      expect(counts.harmless).toBeGreaterThan(0);
      expect(counts.othersNumber).toBeLessThan(CHANGES.policy / 100);
    },
    TIMEOUT_MS,
  );
});

async function policyOutcome(bytes: Uint8Array, place: number): Promise<PolicyOutcome> {
  try {
    const policy = parsePolicy(bytes);
    const { ok } = await verifyLedger(COSIGNED, { policy });
    if (!ok) return 'found';
    if (isDeepStrictEqual(trustIn(policy), trustIn(POLICY))) return 'harmless';
    // Whom and how many to trust is the verifier's own say, and nothing can tell that it was another.
    return place === POLICY_TEXT.indexOf('most 2') + 'most '.length ? 'othersNumber' : 'missed';
  } catch (error) {
    const isRefused =
      error instanceof Error && ['MerkleError', 'EvidenceError'].includes(error.name);
    return isRefused ? 'found' : 'missed';
  }
}

/** All of a policy that verifying asks: not where logs and witnesses are reached. */
function trustIn({ logs, witnesses, quorum }: Policy): unknown {
  const keys = (entries: readonly { readonly key: Policy['logs'][number]['key'] }[]) =>
    entries.map(({ key }) => formatVerifierKey(key));
  return { logs: keys(logs), witnesses: keys(witnesses), quorum: namesIn(quorum) };
}

function namesIn(quorum: Policy['quorum']): unknown {
  if (quorum.kind === 'none') return 'none';
  if (quorum.kind === 'witness') return formatVerifierKey(quorum.witness.key);
  return { threshold: quorum.threshold, members: quorum.members.map(namesIn) };
}

function never(): never {
  throw new Error('there is no such thing');
}
