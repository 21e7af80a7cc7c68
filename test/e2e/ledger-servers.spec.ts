import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { parseLeaf, verifyLedger, verifyPack } from '#evidence';
import { sha256Hex } from '#kernel';
import {
  decodeEntries,
  leafHash,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  parseTlogProof,
  parseVerifierKey,
  policyOfLog,
  verifyTlogProof,
  type VerifierKey,
} from '#merkle';
import { startDoubleProcess, type DoubleProcess } from '../servers/eventstoredb/double-process.js';
import { standInOffer, startStandIn, type StandIn } from '../servers/mongodb/stand-in.js';
import { serverSuite } from '../servers/offered.js';
import { LODGING } from './api-server.js';
import { ensureBuilt } from './run-cli.js';
import {
  eventually,
  healthWhen,
  metricOf,
  startProcess,
  type ProcessName,
  type StartedProcess,
} from './server-processes.js';

jest.setTimeout(240_000);

const TOKEN = 'token-of-a-handler';
const AUTHORIZATION = { authorization: `Bearer ${TOKEN}` };

type Lodged = { readonly id: string; readonly reference: string; readonly receipt: string };
type LedgerHealth = { readonly ledger?: { readonly ok: boolean; readonly phase: string } };

let folder: string;
let log: DoubleProcess;
let models: StandIn;
let api: StartedProcess;
let sequencer: StartedProcess;
let key: VerifierKey;
/** The checkpoint that an auditor took away before anything was killed. */
let kept: string;
const started: StartedProcess[] = [];

const keyFile = () => join(folder, 'sequencer', 'ledger.key');

/** Each process has a data directory of its own, as on machines of their own. */
async function start(
  name: ProcessName,
  place: string,
  more: Readonly<Record<string, string>> = {},
): Promise<StartedProcess> {
  const dataDir = join(folder, place);
  mkdirSync(dataDir, { recursive: true });
  const one = await startProcess(name, {
    REDRESS_STORES: 'servers',
    REDRESS_DATA_DIR: dataDir,
    REDRESS_AUTH: 'tokens',
    REDRESS_TOKENS_FILE: join(folder, 'tokens.json'),
    EVENTSTORE_URL: log.url,
    MONGODB_URL: models.url,
    ...more,
  });
  started.push(one);
  return one;
}

async function lodge(): Promise<Lodged> {
  const answer = await fetch(`${api.address}/v1/complaints`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...AUTHORIZATION },
    body: JSON.stringify(LODGING),
  });
  expect(answer.status).toBe(201);
  return (await answer.json()) as Lodged;
}

function ledger(of: StartedProcess, path: string, headers: Record<string, string> = {}) {
  return fetch(`${of.address}/ledger/${path}`, { headers });
}

/** Asked again while no checkpoint covers the event. */
function proofOf(of: StartedProcess, { receipt }: Lodged): Promise<string> {
  return eventually(async () => {
    const answer = await fetch(of.address + receipt);
    if (answer.status === 503) return undefined;
    expect(answer.status).toBe(200);
    return await answer.text();
  });
}

async function noteOf(of: StartedProcess): Promise<string> {
  return await (await ledger(of, 'checkpoint')).text();
}

const sizeOf = (note: string) => Number(parseCheckpoint(parseNote(note).text).size);

async function packOf(of: StartedProcess, body: object): Promise<Uint8Array> {
  const answer = await fetch(`${of.address}/ledger/packs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...AUTHORIZATION },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
  return new Uint8Array(await answer.arrayBuffer());
}

/** Its files as anybody who may read gets them. */
function publicLedgerOf(of: StartedProcess) {
  return {
    read: async (path: string) => {
      const answer = await ledger(of, path, AUTHORIZATION);
      if (answer.status === 404) return undefined;
      expect(answer.status).toBe(200);
      return new Uint8Array(await answer.arrayBuffer());
    },
  };
}

async function phaseOf({ address }: StartedProcess): Promise<string | undefined> {
  const { checks } = (await (await fetch(`${address}/health/ready`)).json()) as {
    readonly checks: LedgerHealth;
  };
  return checks.ledger?.phase;
}

serverSuite(
  'a sequencer beside an api, on the doubles of the servers',
  await standInOffer(),
  () => {
    beforeAll(async () => {
      ensureBuilt();
      folder = mkdtempSync(join(tmpdir(), 'redress-ledger-servers-'));
      const holder = { actorId: 'handler-1', role: 'case-handler' };
      writeFileSync(join(folder, 'tokens.json'), JSON.stringify({ [sha256Hex(TOKEN)]: holder }));
      log = await startDoubleProcess();
      models = await startStandIn();
      api = await start('api', 'api');
      sequencer = await start('sequencer', 'sequencer');
      await healthWhen(api, 200);
      await healthWhen(sequencer, 200);
    });

    afterAll(async () => {
      for (const one of started) await one.kill();
      await log?.stop();
      await models?.stop();
      if (folder) rmSync(folder, { recursive: true });
    });

    it('proves what the api took in, from the receipt that the api gave', async () => {
      const lodged = await lodge();
      const proof = parseTlogProof(await proofOf(sequencer, lodged));
      key = parseVerifierKey((await (await ledger(sequencer, 'vkey')).text()).trim());
      const entry = proof.extra ?? new Uint8Array();
      verifyTlogProof(proof, leafHash(entry), policyOfLog(key));
      const leaf = parseLeaf(entry);
      expect(leaf).toMatchObject({ type: 'ComplaintLodged', revision: 0, actor: 'handler-1' });
      expect(lodged.receipt).toBe(`/ledger/proofs/${leaf.id}?salt=${leaf.salt}`);
      const { checkpoint } = openCheckpoint(await noteOf(sequencer), [key]);
      expect(Number(checkpoint.size)).toBeGreaterThan(leaf.index);
    });

    it('shows entries and makes packs for those who may read, and for nobody else', async () => {
      const { reference } = await lodge();
      const zip = await packOf(sequencer, { reference });
      expect(verifyPack(zip, { policy: policyOfLog(key) })).toMatchObject({
        ok: true,
        subject: reference,
        checked: 1,
        withheld: [],
      });
      const entries = `tile/entries/000.p/${sizeOf(await noteOf(sequencer))}`;
      expect((await ledger(sequencer, entries)).status).toBe(401);
      expect((await ledger(sequencer, entries, AUTHORIZATION)).status).toBe(200);
      const asked = await fetch(`${sequencer.address}/ledger/packs`, { method: 'POST' });
      expect(asked.status).toBe(401);
      expect((await fetch(`${sequencer.address}/v1/complaints`)).status).toBe(404);
    });

    it('is told of in numbers', async () => {
      expect(await metricOf(sequencer, 'redress_ledger_size')).toBe(
        sizeOf(await noteOf(sequencer)),
      );
      expect(await metricOf(sequencer, 'redress_ledger_refused')).toBe(0);
      expect(await metricOf(sequencer, 'redress_ledger_outside_faults')).toBe(0);
    });

    it('leaves nothing of the ledger to the api: no route, no folder and no key', async () => {
      for (const path of ['checkpoint', 'vkey', 'tile/0/000.p/1', 'proofs/x']) {
        expect((await ledger(api, path, AUTHORIZATION)).status).toBe(404);
      }
      const document = await fetch(`${api.address}/openapi.json`);
      const { paths } = (await document.json()) as { readonly paths: object };
      expect(Object.keys(paths).filter((path) => path.startsWith('/ledger'))).toEqual([]);
      expect(Object.keys(paths)).toContain('/v1/complaints');
      expect(existsSync(join(folder, 'api', 'ledger'))).toBe(false);
      expect(existsSync(join(folder, 'api', 'ledger.key'))).toBe(false);
      expect(readFileSync(keyFile(), 'utf8')).toContain('PRIVATE+KEY+');
    });

    it('goes on after kill -9 where it was, with what came meanwhile', async () => {
      kept = await noteOf(sequencer);
      await sequencer.kill();
      const meanwhile = await lodge();
      sequencer = await start('sequencer', 'sequencer');
      const proof = parseTlogProof(await proofOf(sequencer, meanwhile));
      verifyTlogProof(proof, leafHash(proof.extra ?? new Uint8Array()), policyOfLog(key));
      const policy = policyOfLog(key);
      const verdict = await verifyLedger(publicLedgerOf(sequencer), { policy, kept: [kept] });
      expect(verdict).toMatchObject({ ok: true, faults: [] });
      expect(Number(verdict.size)).toBeGreaterThan(sizeOf(kept));
      const zip = await packOf(sequencer, { id: meanwhile.id, kept: [kept] });
      expect(verifyPack(zip, { policy, kept: [kept] })).toMatchObject({ ok: true });
    });

    it('has a second one stand by, which takes over when the first is gone', async () => {
      const second = await start('sequencer', 'second', { REDRESS_LEDGER_KEY_FILE: keyFile() });
      await healthWhen(second, 200);
      const both = [sequencer, second];
      // Two who sign the very same text at once are both right; who is beaten by another stands by.
      const phases = await eventually(async () => {
        await lodge();
        const seen = await Promise.all(both.map(phaseOf));
        return seen.includes('standby') && seen.includes('signing') ? seen : undefined;
      });
      const [signing, standby] = phases[0] === 'signing' ? both : both.toReversed();
      if (!signing || !standby) throw new Error('nobody signs');
      expect(await healthWhen(standby, 503)).toMatchObject({
        checks: { ledger: { ok: true, phase: 'standby' } },
      });
      await signing.kill();
      const lodged = await lodge();
      const proof = parseTlogProof(await proofOf(standby, lodged));
      verifyTlogProof(proof, leafHash(proof.extra ?? new Uint8Array()), policyOfLog(key));
      await healthWhen(standby, 200);
      const policy = policyOfLog(key);
      const verdict = await verifyLedger(publicLedgerOf(standby), { policy, kept: [kept] });
      expect(verdict).toMatchObject({ ok: true, faults: [] });
      expect(await standby.stop()).toBe(0);
    });

    it('shows what was signed also when it may sign no more, and says that it may not', async () => {
      chmodSync(keyFile(), 0o660);
      const refused = await start('sequencer', 'sequencer');
      const seen = await eventually(async () => {
        const { ready, checks } = await healthWhen(refused, 200);
        return checks['ledger']?.ok === false ? { ready, ledger: checks['ledger'] } : undefined;
      });
      expect(seen).toMatchObject({
        ready: true,
        ledger: { ok: false, phase: 'refused', code: 'ledger.key-unusable' },
      });
      expect(await metricOf(refused, 'redress_ledger_refused')).toBe(1);
      expect((await fetch(`${refused.address}/health/live`)).status).toBe(200);
      const note = await noteOf(refused);
      expect(() => openCheckpoint(note, [key])).not.toThrow();
      const read = publicLedgerOf(refused);
      expect(await verifyLedger(read, { policy: policyOfLog(key) })).toMatchObject({ ok: true });
      const { checkpoint } = openCheckpoint(note, [key]);
      const entries = await read.read(`tile/entries/000.p/${checkpoint.size}`);
      const [first] = decodeEntries(entries ?? new Uint8Array());
      const { id, salt, stream } = parseLeaf(first ?? new Uint8Array());
      expect((await ledger(refused, `proofs/${id}?salt=${salt}`)).status).toBe(200);
      const zip = await packOf(refused, { id: stream.replace('complaint-', '') });
      expect(verifyPack(zip, { policy: policyOfLog(key) })).toMatchObject({ ok: true });
      expect(await refused.stop()).toBe(0);
    });
  },
);
