import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Fault } from '#evidence';
import { ensureBuilt, endOf, jsonLinesOf, jsonOf, runCli, startCli } from './run-cli.js';

jest.setTimeout(300_000);

type Checkpoint = {
  readonly note: string;
  readonly origin: string;
  readonly root: string;
  readonly size: number;
  readonly vkey: string;
};
type Verdict = {
  readonly ok: boolean;
  readonly size: number;
  readonly checked: number;
  readonly faults: readonly Fault[];
  readonly notProved: readonly string[];
};

const TOKEN = 'a-token-of-an-auditor';

let folder: string;
let store: string;
let ledger: string;
let events: number;
let checkpoint: Checkpoint;
let policy: string;
let kept: string;

beforeAll(async () => {
  ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'redress-cli-ledger-'));
  store = join(folder, 'store');
  ledger = join(store, 'ledger');
  const filled = ['demo', '--complaints', '12', '--seed', 'ledger', '--exit', '--data-dir', store];
  ({ events } = await jsonOf<{ readonly events: number }>(...filled));
  checkpoint = await jsonOf<Checkpoint>('ledger', 'checkpoint', '--data-dir', store);
  policy = join(folder, 'policy');
  writeFileSync(policy, `log ${checkpoint.vkey}\nquorum none\n`);
  kept = join(folder, 'kept');
  writeFileSync(kept, checkpoint.note);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function verify(...args: readonly string[]): Promise<Verdict & { readonly status: number }> {
  const { status, stdout } = await runCli('ledger', 'verify', ...args, '--json');
  return { ...(JSON.parse(stdout) as Verdict), status: status ?? -1 };
}

/** A copy of the store, to be tampered with. */
function copyOf(name: string): string {
  const copy = join(folder, name);
  cpSync(store, copy, { recursive: true });
  return copy;
}

describe('redress ledger checkpoint', () => {
  it('tells the signed head, and the key that signed it', () => {
    expect(checkpoint).toMatchObject({ origin: 'redress.local/default', size: events });
    const [origin, size, root] = checkpoint.note.split('\n');
    expect({ origin, size: Number(size), root }).toEqual({
      origin: checkpoint.origin,
      size: checkpoint.size,
      root: checkpoint.root,
    });
  });
});

describe('redress ledger verify', () => {
  it('verifies the own store, and says that its own key proves nothing against the house', async () => {
    const verdict = await verify('--data-dir', store);
    expect(verdict).toMatchObject({
      ok: true,
      size: events,
      checked: events,
      faults: [],
      status: 0,
    });
    expect(verdict.notProved[0]).toMatch(/the key is its own/);
    const told = await runCli('ledger', 'verify', '--data-dir', store);
    expect(told.stdout).toMatch(/^VERIFIED: .+\n[^]*Checked:[^]*Not proved:/);
  });

  it('verifies a folder for whoever says whom to trust, and for nobody else', async () => {
    expect(await verify(ledger, '--policy', policy, '--kept', kept)).toMatchObject({
      ok: true,
      checked: events,
      status: 0,
    });
    expect(await verify(ledger, '--vkey', checkpoint.vkey)).toMatchObject({ ok: true });
    const refused = await runCli('ledger', 'verify', ledger);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toContain('[usage.no-policy]');
  });

  it.each([
    [['nowhere'], 'usage.bad-target'],
    [['--vkey', 'nobody+00000000+AAAA'], 'usage.bad-key'],
    [['--policy', 'no-such-file'], 'usage.unreadable'],
  ])('says what is wrong with %j', async (args, code) => {
    const { status, stderr } = await runCli('ledger', 'verify', '--data-dir', store, ...args);
    expect(status).toBe(2);
    expect(stderr).toContain(`[${code}]`);
  });

  it('names the event that was changed in the store', async () => {
    const tampered = copyOf('changed');
    const database = new DatabaseSync(join(tampered, 'log.sqlite'));
    const row = database
      .prepare(`SELECT lower(hex(id)) AS id FROM events WHERE position = 5`)
      .get() as { readonly id: string };
    database.exec(`UPDATE events SET data = replace(data, '"', '"') || ' ' WHERE position = 5`);
    database.close();
    const { status, ok, faults } = await verify(tampered);
    expect({ status, ok }).toEqual({ status: 1, ok: false });
    const [fault] = faults;
    expect(fault).toMatchObject({ what: 'event', index: 5 });
    expect(fault?.eventId?.replaceAll('-', '')).toBe(row.id);
  });

  it('finds a log that was rewritten and signed with the genuine key only by what was kept', async () => {
    const rewritten = copyOf('rewritten');
    const database = new DatabaseSync(join(rewritten, 'log.sqlite'));
    database.exec(`UPDATE events SET type = 'ComplaintForgotten' WHERE position = 5`);
    database.exec(`DELETE FROM marks`);
    database.close();
    rmSync(join(rewritten, 'ledger'), { recursive: true });
    await jsonOf('ledger', 'checkpoint', '--data-dir', rewritten);
    expect(await verify(rewritten)).toMatchObject({ ok: true, status: 0 });
    const { status, faults } = await verify(rewritten, '--kept', kept);
    expect(status).toBe(1);
    expect(faults).toEqual([expect.objectContaining({ what: 'kept' })]);
  });

  it('verifies a pack, and finds a byte that was changed in it', async () => {
    const [listed] = await jsonLinesOf<{ readonly reference: string }>('list', '--data-dir', store);
    const pack = join(folder, 'pack.zip');
    await jsonOf('ledger', 'pack', listed?.reference ?? '', '-o', pack, '--data-dir', store);
    expect(await verify(pack, '--policy', policy, '--kept', kept)).toMatchObject({
      ok: true,
      status: 0,
    });
    const bytes = readFileSync(pack);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(pack, bytes);
    expect(await verify(pack, '--policy', policy)).toMatchObject({ ok: false, status: 1 });
  });

  it('reads a ledger over HTTP, with a token for what tells who acted', async () => {
    const digest = createHash('sha256').update(TOKEN).digest('hex');
    const tokens = join(folder, 'tokens.json');
    writeFileSync(tokens, JSON.stringify({ [digest]: { actorId: 'auditor-1', role: 'auditor' } }));
    const environment = { REDRESS_AUTH: 'tokens', REDRESS_TOKENS_FILE: tokens };
    const server = startCli(['serve', '--port', '0', '--data-dir', store], { environment });
    const ended = endOf(server);
    const address = await addressOf(server);
    const args = [
      'ledger',
      'verify',
      `${address}/ledger`,
      '--policy',
      policy,
      '--kept',
      kept,
      '--json',
    ];
    const without = await endOf(startCli(args));
    expect(without.status).toBe(3);
    expect(without.stderr).toContain('[ledger.unreachable]');
    const withToken = await endOf(startCli(args, { environment: { LEDGER_TOKEN: TOKEN } }));
    expect(withToken.stderr).not.toContain(TOKEN);
    expect(JSON.parse(withToken.stdout)).toMatchObject({ ok: true, checked: events });
    const beside = await verify('--data-dir', store);
    expect(beside).toMatchObject({ ok: true, checked: events });
    server.kill('SIGTERM');
    expect((await ended).status).toBe(0);
    const gone = await endOf(startCli(args));
    expect(gone.status).toBe(3);
  });
});

function addressOf(server: ReturnType<typeof startCli>): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const look = (chunk: string) => {
      text += chunk;
      const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(text) ?? [];
      if (address !== undefined) resolve(address);
    };
    server.stdout?.on('data', (chunk: Buffer) => look(chunk.toString()));
    server.stderr?.on('data', (chunk: Buffer) => look(chunk.toString()));
    server.once('close', () => reject(new Error(`the server ended: ${text}`)));
  });
}
