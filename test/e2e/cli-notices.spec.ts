import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSmtpSink, type SmtpSink } from '../servers/smtp/smtp-sink.js';
import { ensureBuilt, jsonLinesOf, runCli } from './run-cli.js';
import { eventually, startProcess, type StartedProcess } from './server-processes.js';

jest.setTimeout(120_000);

const REFUSED = ['first@example.org', 'second@example.org'];
const NOBODY = '00000000-0000-5000-8000-000000000000';

type Listed = {
  readonly id: string;
  readonly state: string;
  readonly code: string | null;
  readonly attempts: number;
  readonly replays: number;
};

let store: string;
let mail: SmtpSink;
let server: StartedProcess | undefined;

beforeAll(ensureBuilt, 120_000);

beforeEach(async () => {
  store = mkdtempSync(join(tmpdir(), 'redress-cli-notices-'));
  mail = await startSmtpSink();
  mail.answer = (stage, line) =>
    Promise.resolve(
      stage === 'RCPT' && REFUSED.some((address) => line.includes(address))
        ? '550 5.1.1 nobody of that name'
        : undefined,
    );
});

afterEach(async () => {
  await server?.stop();
  server = undefined;
  await mail.stop();
  rmSync(store, { recursive: true, force: true });
});

async function serve(): Promise<void> {
  server = await startProcess('standalone', {
    REDRESS_DATA_DIR: store,
    REDRESS_NOTICES: 'smtp',
    SMTP_URL: mail.url,
    REDRESS_MAIL_FROM: 'complaints@example.net',
  });
}

async function close(): Promise<void> {
  expect(await server?.stop()).toBe(0);
  server = undefined;
}

async function post<Answer>(path: string, body: object): Promise<Answer> {
  const answer = await fetch(`${server?.address}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBeLessThan(300);
  return (await answer.json()) as Answer;
}

/** Lodged, and acknowledged by e-mail: what raises a notice. */
async function acknowledged(email: string): Promise<void> {
  const { reference } = await post<{ readonly reference: string }>('/v1/complaints', {
    channel: 'web',
    product: 'Current account',
    allegations: [{ issue: 'Fees' }],
    complainant: { email, preferredMedium: 'e-mail' },
  });
  await post(`/v1/complaints/${reference}/acknowledgement`, { medium: 'e-mail' });
}

function notices(state: string): Promise<readonly Listed[]> {
  return jsonLinesOf<Listed>('notices', '--state', state, '--data-dir', store);
}

/** The notices in a state, as soon as there are so many. */
function noticesWhen(state: string, count: number): Promise<readonly Listed[]> {
  return eventually(async () => {
    const listed = await notices(state);
    return listed.length === count ? listed : undefined;
  });
}

function replay(...args: readonly string[]) {
  return runCli('notices', 'replay', ...args, '--data-dir', store);
}

async function twoGivenUpAndOneSent(): Promise<readonly Listed[]> {
  await serve();
  for (const email of [...REFUSED, 'third@example.org']) await acknowledged(email);
  const failed = await noticesWhen('failed', 2);
  await noticesWhen('sent', 1);
  return failed;
}

describe('redress notices', () => {
  it('lists beside a server what was sent and what was given up, without an address', async () => {
    const failed = await twoGivenUpAndOneSent();
    for (const notice of failed) {
      expect(notice).toMatchObject({
        state: 'failed',
        code: 'mail.recipient-refused',
        attempts: 1,
      });
    }
    const { status, stdout } = await runCli('notices', '--data-dir', store);
    expect(status).toBe(0);
    expect(stdout.match(/ failed /g)).toHaveLength(2);
    expect(stdout.match(/ sent /g)).toHaveLength(1);
    expect(stdout).not.toContain('@');
    const first = await runCli('notices', '--limit', '2', '--json', '--data-dir', store);
    const [, cursor = ''] = /--after (\S+)/.exec(first.stderr) ?? [];
    const rest = await jsonLinesOf('notices', '--after', cursor, '--data-dir', store);
    expect([first.stdout.trim().split('\n').length, rest.length]).toEqual([2, 1]);
  });

  it('replays beside no server: one by its id, the others with --all, and each once', async () => {
    const [one] = await twoGivenUpAndOneSent();
    const id = one?.id ?? '';
    const [sent] = await notices('sent');
    const beside = await replay(id);
    expect(beside).toMatchObject({ status: 3, stdout: '' });
    expect(beside.stderr).toContain('[store.locked]');
    await close();

    const named = await replay(id);
    expect(named).toMatchObject({ status: 0, stdout: `${id}\n`, stderr: '1 to be tried again\n' });
    const twice = await replay(id);
    expect(twice).toMatchObject({ status: 2, stdout: '' });
    expect(twice.stderr).toContain('[notice.not-failed]');
    // The read model still calls it failed; the log knows better.
    const all = await replay('--all');
    expect(all).toMatchObject({ status: 0, stderr: '1 to be tried again\n' });
    expect(all.stdout.trim()).not.toBe(id);
    expect(await replay('--all', '--json')).toMatchObject({ status: 0, stdout: '' });

    mail.answer = () => Promise.resolve(undefined);
    await serve();
    const delivered = await noticesWhen('sent', 3);
    expect(delivered.map(({ replays }) => replays).toSorted()).toEqual([0, 1, 1]);
    expect(mail.mails.map(({ to }) => to[0]).toSorted()).toEqual([
      'first@example.org',
      'second@example.org',
      'third@example.org',
    ]);
    await close();
    const done = await replay(sent?.id ?? '');
    expect(done.stderr).toContain('is sent, not failed [notice.not-failed]');
  });

  it('refuses what is no notice, and writes nothing', async () => {
    await serve();
    await close();
    const unknown = await replay(NOBODY);
    expect(unknown).toMatchObject({ status: 2, stdout: '' });
    expect(unknown.stderr).toContain('[notice.not-raised]');
    for (const [args, code] of [
      [['no-uuid'], 'usage.no-notice-id'],
      [[], 'usage.notice-or-all'],
      [[NOBODY, '--all'], 'usage.notice-or-all'],
    ] as const) {
      const refused = await replay(...args);
      expect([refused.status, refused.stdout]).toEqual([2, '']);
      expect(refused.stderr).toContain(`[${code}]`);
    }
    const state = await runCli('notices', '--state', 'lost', '--data-dir', store);
    expect(state).toMatchObject({ status: 2, stdout: '' });
    expect((await runCli('export', 'events', '--data-dir', store)).stdout).toBe('');
  });
});
