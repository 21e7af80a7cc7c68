import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { MemoryLog } from '#event-store/memory';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseLeaf, verifyPack } from '#evidence';
import {
  checkPolicy,
  decodeEntries,
  leafHash,
  parseTlogProof,
  parseVerifierKey,
  policyOfLog,
  verifyTlogProof,
  type Policy,
} from '#merkle';
import { until } from '#testing/notices';
import { expectProblem, LODGING, startApi, TOKENS, type Answer, type Api } from './api-server.js';

jest.setTimeout(120_000);

let api: Api;
let policy: Policy;
beforeAll(async () => {
  api = await startApi({ auth: 'tokens' });
  const lodged = await lodge();
  expect((await api.get(lodged.body.receipt)).status).toBe(200);
  const { body } = await api.get('/ledger/vkey');
  policy = policyOfLog(parseVerifierKey(body.trim()));
});
afterAll(() => api.close());

const as = (who: keyof typeof TOKENS) => ({ authorization: `Bearer ${TOKENS[who]}` });

async function lodge(headers: Record<string, string> = {}): Promise<Answer> {
  const answer = await api.post('/v1/complaints', LODGING, { ...as('handler'), ...headers });
  expect(answer.status).toBe(201);
  return answer;
}

async function bytesOf(path: string, init: RequestInit = {}): Promise<Response> {
  return await fetch(`${api.address}${path}`, init);
}

async function packOf(
  body: object,
  who: keyof typeof TOKENS = 'handler',
): Promise<{ readonly response: Response; readonly zip: Uint8Array }> {
  const response = await bytesOf('/ledger/packs', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...as(who) },
    body: JSON.stringify(body),
  });
  return { response, zip: new Uint8Array(await response.arrayBuffer()) };
}

describe('receipts', () => {
  it('lead, at once and without a sign-in, to the proof of what was recorded', async () => {
    const lodged = await lodge();
    const path = `/v1/complaints/${lodged.body.id}/acknowledgement`;
    const acknowledged = await api.post(path, { medium: 'post' }, as('handler'));
    const { items } = (await api.get(`/v1/complaints/${lodged.body.id}/events`, as('handler')))
      .body;
    for (const [at, { body }] of [lodged, acknowledged].entries()) {
      const answer = await api.get(body.receipt);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(answer.headers.get('content-disposition')).toContain('.tlog-proof');
      const proof = parseTlogProof(answer.body);
      const entry = proof.extra ?? new Uint8Array();
      verifyTlogProof(proof, leafHash(entry), policy);
      const leaf = parseLeaf(entry);
      expect(leaf).toMatchObject({ id: items[at].id, type: items[at].type });
      expect(body.receipt).toBe(`/ledger/proofs/${leaf.id}?salt=${leaf.salt}`);
      expect(answer.headers.get('cache-control')).toBe('private, no-store');
    }
  });

  it('are the same when the same is sent again', async () => {
    const key = { 'idempotency-key': 'receipt-1' };
    const first = await lodge(key);
    expect((await lodge(key)).body).toEqual(first.body);
  });

  it('are found by nobody who has not got the salt: as if there were no such event', async () => {
    const { receipt } = (await lodge()).body;
    expect((await api.get(receipt)).status).toBe(200);
    const [path = '', salt = ''] = receipt.split('?salt=');
    const unknown = '/ledger/proofs/4d1b2a94-6b0e-5f0c-8b9f-3c1a5e6d7f80';
    const wrong = randomBytes(16).toString('base64url');
    const queries = ['', '?salt=', `?salt=${salt}A`, `?salt=${salt.slice(1)}`, `?salt=${wrong}`];
    const twice = `?salt=${salt}&salt=${salt}`;
    for (const query of [...queries, twice, `?Salt=${salt}`]) {
      for (const headers of [{}, as('complainant'), { authorization: 'Bearer none-of-ours' }]) {
        const [real, none] = [
          await api.get(path + query, headers),
          await api.get(unknown, headers),
        ];
        expectProblem(real, 404, 'ledger.unknown-event');
        expect(real.body).toEqual(none.body);
      }
    }
    expect((await api.get(receipt, as('complainant'))).status).toBe(200);
  });

  it('want no salt of those who may read events', async () => {
    const { receipt } = (await lodge()).body;
    const [path = ''] = receipt.split('?');
    for (const query of ['', '?salt=x', `?salt=${'A'.repeat(22)}`]) {
      expect((await api.get(path + query, as('analyst'))).status).toBe(200);
    }
    const none = '/ledger/proofs/4d1b2a94-6b0e-5f0c-8b9f-3c1a5e6d7f80';
    expectProblem(await api.get(none, as('analyst')), 404, 'ledger.unknown-event');
  });

  it('are none when nothing had to be recorded', async () => {
    const { id } = (await lodge()).body;
    const path = `/v1/complaints/${id}/classification`;
    const body = { product: 'Loan', issue: 'Fees' };
    expect((await api.post(path, body, as('handler'))).body.receipt).toBeDefined();
    const again = await api.post(path, body, as('handler'));
    expect({ status: again.status, receipt: again.body.receipt }).toEqual({ status: 200 });
  });

  it('tell what is not in the log from what is not signed yet', async () => {
    const salted = `4d1b2a94-6b0e-5f0c-8b9f-3c1a5e6d7f80?salt=${'A'.repeat(22)}`;
    for (const path of [salted, 'x', '..%2f..%2fstate.json', `${'0'.repeat(36)}`]) {
      expectProblem(await api.get(`/ledger/proofs/${path}`), 404, 'ledger.unknown-event');
    }
  });
});

describe('the files of the ledger', () => {
  it('are a signed checkpoint and tiles that anybody may read, and keep', async () => {
    const { receipt } = (await lodge()).body;
    await api.get(receipt);
    const note = await api.get('/ledger/checkpoint');
    expect(note.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(note.headers.get('cache-control')).toBe('public, max-age=2');
    const { checkpoint } = checkPolicy(policy, note.body);
    const width = Number(checkpoint.size % 256n);
    const tile = await bytesOf(`/ledger/tile/0/000.p/${width}`);
    expect(tile.status).toBe(200);
    expect(tile.headers.get('content-type')).toBe('application/octet-stream');
    expect(tile.headers.get('cache-control')).toContain('immutable');
    expect((await tile.arrayBuffer()).byteLength).toBe(width * 32);
    const day = new Date().toISOString().slice(0, 10);
    expect((await api.get(`/ledger/checkpoints/${day}`)).status).toBe(200);
  });

  it('show entries to those who may read, and to nobody else', async () => {
    const { body } = await api.get('/ledger/checkpoint');
    const { size } = checkPolicy(policy, body).checkpoint;
    const path = `/ledger/tile/entries/000.p/${size}`;
    expectProblem(await api.get(path), 401, 'access.token-missing');
    expectProblem(await api.get(path, as('complainant')), 403, 'access.forbidden');
    const bundle = await bytesOf(path, { headers: as('analyst') });
    expect(bundle.headers.get('cache-control')).toContain('private');
    const entries = decodeEntries(new Uint8Array(await bundle.arrayBuffer()));
    expect(entries.map((entry) => parseLeaf(entry).index)).toEqual(
      Array.from({ length: Number(size) }, (_, index) => index),
    );
  });

  it.each([
    'tile/0/999',
    'tile/00/000',
    'tile/0/000.p/256',
    'tile/0/000.p/0',
    'tile/64/000',
    'tile/0/0',
    'tile/0/000/',
    'tile/0/x000/001',
    'tile/..%2fstate.json',
    'tile/0/..%2f..%2fstate.json',
    'tile/%2e%2e/state.json',
    'tile/entries%2f000',
    'tile/0/000%00',
    'checkpoints/2026-1-1',
    'checkpoints/..%2fstate.json',
    'time/1.tsr',
    'time/..%2fstate.json',
    'cosigned',
  ])('are not %s', async (path) => {
    const answer = await api.get(`/ledger/${path}`);
    expect([401, 404]).toContain(answer.status);
    expect(['ledger.unknown-file', 'access.token-missing', 'route.unknown']).toContain(
      answer.body.code,
    );
  });

  it.each(['state.json', 'ids/00', 'ledger.key', '..%2fledger.key', '../ledger.key'])(
    'hold nothing private: %s',
    async (path) => {
      expectProblem(await api.get(`/ledger/${path}`), 404, 'route.unknown');
      expect((await api.get(`/ledger/tile/entries/${path}`, as('handler'))).status).toBe(404);
    },
  );
});

describe('packs', () => {
  it('of a complaint verify, by reference and by id', async () => {
    const { id, reference } = (await lodge()).body;
    await api.post(`/v1/complaints/${id}/assignment`, { team: 'a' }, as('handler'));
    const { response, zip } = await packOf({ reference });
    expect(response.headers.get('content-type')).toBe('application/zip');
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="redress-${reference}.zip"`,
    );
    expect(verifyPack(zip, { policy })).toMatchObject({
      ok: true,
      subject: reference,
      stream: `complaint-${id}`,
      checked: 2,
      withheld: [],
    });
    const byId = await packOf({ id, only: ['ComplaintAssigned'] }, 'analyst');
    expect(verifyPack(byId.zip, { policy })).toMatchObject({ ok: true, withheld: [0] });
    expect(Buffer.from(byId.zip).includes('A fee was charged twice')).toBe(false);
    expect(Buffer.from(zip).includes('A fee was charged twice')).toBe(true);
  });

  it('are linked to what somebody kept', async () => {
    const { reference } = (await lodge()).body;
    await packOf({ reference });
    const { body: kept } = await api.get('/ledger/checkpoint');
    await api.get((await lodge()).body.receipt);
    const { zip } = await packOf({ reference, kept: [kept] });
    expect(verifyPack(zip, { policy, kept: [kept] })).toMatchObject({ ok: true });
    const other = await packOf({ reference, kept: [kept.replace(/\n\d+\n/, '\n1\n')] });
    // Its signature is not over that text, so it is no evidence of anything.
    expect(other.response.status).toBe(422);
  });

  it('are for those who may read, of what is there', async () => {
    const { reference } = (await lodge()).body;
    const ask = (body: object, headers: Record<string, string>) =>
      api.post('/ledger/packs', body, headers);
    expectProblem(await ask({ reference }, {}), 401, 'access.token-missing');
    expectProblem(await ask({ reference }, as('complainant')), 403, 'access.forbidden');
    const reader = as('analyst');
    expectProblem(await ask({}, reader), 400, 'request.invalid');
    expectProblem(await ask({ reference, id: 'x' }, reader), 400, 'request.invalid');
    expectProblem(await ask({ reference: 'C-1' }, reader), 404, 'ledger.unknown-stream');
    const nobodys = '4d1b2a94-6b0e-5f0c-8b9f-3c1a5e6d7f80';
    expectProblem(await ask({ id: nobodys }, reader), 404, 'ledger.unknown-stream');
    expectProblem(
      await ask({ reference, withhold: ['ComplaintLogded'] }, reader),
      422,
      'ledger.unknown-scope',
    );
  });

  it('are counted among requests', async () => {
    await until(async () => (await api.get('/metrics')).body.includes('route="/ledger/packs"'));
    const { body } = await api.get('/metrics');
    expect(body).toContain('route="/ledger/tile/');
    expect(body).not.toContain('C-26-');
  });
});

describe('a stored event that was changed after it was signed', () => {
  it('is told to who asks, and in the log of the server', async () => {
    const memoryLog = new MemoryLog();
    const changed = await startApi({ memoryLog });
    const { reference } = (await changed.post('/v1/complaints', LODGING)).body;
    const ask = () => changed.post('/ledger/packs', { reference });
    expect((await ask()).status).toBe(200);
    expect(changed.log).toEqual([]);

    const [event] = memoryLog.all;
    Object.assign(event ?? {}, { data: event?.data.replace('twice', 'thrice') });
    const answer = await ask();
    await changed.close();
    expectProblem(answer, 409, 'ledger.event-differs');
    expect(changed.log.map((line) => JSON.parse(line))).toEqual([
      {
        at: expect.any(String),
        level: 'error',
        requestId: answer.headers.get('redress-request-id'),
        code: 'ledger.event-differs',
        message: expect.stringMatching(
          /^event [0-9a-f-]{36} \(revision 0, leaf 0\) is not as it was signed/,
        ),
      },
    ]);
  });
});

describe('a proof that a changed tile leads astray', () => {
  it('is not handed out, and is told in the log of the server', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'redress-ledger-api-'));
    const damaged = await startApi({ environment: { REDRESS_LEDGER_DIR: folder } });
    const { body } = await damaged.post('/v1/complaints', LODGING);
    await damaged.post(`/v1/complaints/${body.id}/assignment`, { team: 'a' });
    const checkpoint = join(folder, 'checkpoint');
    await until(
      async () => existsSync(checkpoint) && /^.*\n2\n/.test(readFileSync(checkpoint, 'utf8')),
    );
    expect((await damaged.get(body.receipt)).status).toBe(200);

    const tile = join(folder, 'tile/0/000.p/2');
    const bytes = readFileSync(tile);
    bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40);
    writeFileSync(tile, bytes);
    const answer = await damaged.get(body.receipt);
    await damaged.close();
    rmSync(folder, { recursive: true });
    expectProblem(answer, 500, 'internal.error');
    expect(damaged.log.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'error', stack: expect.stringContaining('leaf 0 is not in the tree') },
    ]);
  });
});

describe('a server that keeps no ledger', () => {
  let without: Api;
  beforeAll(async () => {
    without = await startApi({ environment: { REDRESS_LEDGER: 'off' } });
  });
  afterAll(() => without.close());

  it('says so, and gives no receipts', async () => {
    const lodged = await without.post('/v1/complaints', LODGING);
    expect(lodged.body).not.toHaveProperty('receipt');
    for (const path of ['checkpoint', 'vkey', 'tile/0/000', `proofs/${lodged.body.id}`]) {
      expectProblem(await without.get(`/ledger/${path}`), 404, 'ledger.off');
    }
    const { reference } = lodged.body;
    expectProblem(await without.post('/ledger/packs', { reference }), 404, 'ledger.off');
  });
});

describe('a server that knows its address', () => {
  it('gives receipts that can be followed from anywhere', async () => {
    const environment = { REDRESS_PUBLIC_URL: 'https://complaints.example/' };
    const known = await startApi({ environment });
    const { body } = await known.post('/v1/complaints', LODGING);
    await known.close();
    expect(body.receipt).toMatch(
      /^https:\/\/complaints\.example\/ledger\/proofs\/[0-9a-f-]{36}\?salt=[\w-]{22}$/,
    );
  });
});
