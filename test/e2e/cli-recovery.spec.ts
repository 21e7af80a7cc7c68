import {
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  closeSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { endOf, ensureBuilt, jsonOf, runCli, startCli } from './run-cli.js';

jest.setTimeout(180_000);

const HEADING =
  ',Complaint ID,Product,Sub-product,Issue,Sub-issue,State,ZIP code,Date received,Date sent to company,Company response,Timely response?,Consumer disputed?';
const ROWS = 60;

let folder: string;
let store: string;
let copy: string;

beforeAll(async () => {
  ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'redress-recovery-'));
  store = join(folder, 'store');
  copy = join(folder, 'backup');
  const file = join(folder, 'complaints.csv');
  const rows = Array.from({ length: ROWS }, (_, n) => {
    return `${n},${1000 + n},Product,,Issue,,NY,10001,1/5/2015,2/1/2015,Closed with explanation,Yes,`;
  });
  writeFileSync(file, `${[HEADING, ...rows].join('\n')}\n`);
  for (const args of [
    ['import', 'cfpb', file],
    ['backup', copy],
  ]) {
    const ran = await runCli(...args, '--data-dir', store);
    if (ran.status !== 0) throw new Error(ran.stderr);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A copy of the store to do harm to. */
function storeCopy(name: string): string {
  const directory = join(folder, name);
  cpSync(store, directory, { recursive: true });
  return directory;
}

/** Overwrites the middle of a file, where its pages of events lie. */
function damage(file: string): void {
  const { size } = statSync(file);
  const descriptor = openSync(file, 'r+');
  const length = Math.floor(size / 2);
  writeSync(descriptor, Buffer.alloc(length, 0xa5), 0, length, Math.floor(size / 4));
  closeSync(descriptor);
}

describe('restore', () => {
  it('refuses the write-ahead log that another log left behind, naming it', async () => {
    const left = storeCopy('left-wal');
    const database = new DatabaseSync(join(left, 'log.sqlite'));
    database.exec("UPDATE events SET type = 'Changed' WHERE position = 3");
    // Kept from being checkpointed away by copying it while the log is open.
    for (const suffix of ['-wal', '-shm']) {
      cpSync(join(left, `log.sqlite${suffix}`), join(left, `kept${suffix}`));
    }
    database.close();
    rmSync(join(left, 'log.sqlite'));
    renameSync(join(left, 'kept-wal'), join(left, 'log.sqlite-wal'));
    const ran = await runCli('restore', copy, '--data-dir', left);
    expect(ran).toMatchObject({ status: 2, stdout: '' });
    expect(ran.stderr).toContain('[restore.store-not-empty]');
    expect(ran.stderr).toContain('log.sqlite-wal');
    expect(existsSync(join(left, 'log.sqlite-wal'))).toBe(true);
  });

  it('folds read models anew where others were left', async () => {
    const left = storeCopy('left-read-models');
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(join(left, `log.sqlite${suffix}`), { force: true });
    const database = new DatabaseSync(join(left, 'read-models.sqlite'));
    database.exec("UPDATE complaint_register SET product = 'Other'");
    database.close();
    expect((await runCli('restore', copy, '--data-dir', left)).status).toBe(0);
    const compared = await jsonOf('rebuild', '--compare', '--data-dir', left);
    expect(compared).toMatchObject({ differing: 0, eventsMissing: 0 });
  });

  it.each([
    ['null', 'null'],
    ['text', 'not a manifest'],
    ['nothing', ''],
    ['a list', '[]'],
    ['no sum', '{"format":1,"events":3}'],
  ])('refuses a manifest of %s', async (_what, text) => {
    const broken = mkdtempSync(join(folder, 'manifest-'));
    cpSync(copy, broken, { recursive: true });
    writeFileSync(join(broken, 'backup.json'), text);
    const into = join(broken, 'into');
    const ran = await runCli('restore', broken, '--data-dir', into);
    expect(ran.stderr).toContain('[backup.damaged]');
    expect(ran.status).toBe(2);
    expect(existsSync(into)).toBe(false);
  });

  it('says so when there is another log than the manifest tells of', async () => {
    const other = join(folder, 'other-count');
    cpSync(copy, other, { recursive: true });
    const { default: manifest } = (await import(join(copy, 'backup.json'), {
      with: { type: 'json' },
    })) as { readonly default: object };
    writeFileSync(
      join(other, 'backup.json'),
      JSON.stringify({ ...manifest, events: 7, head: '6' }),
    );
    const ran = await runCli('restore', other, '--data-dir', join(other, 'into'));
    expect(ran).toMatchObject({ status: 1, stdout: '' });
    expect(ran.stderr).toContain('[restore.not-sound]');
  });

  it('is done again after it was killed, but never over events that came since', async () => {
    const killed = join(folder, 'killed');
    expect((await runCli('restore', copy, '--data-dir', killed)).status).toBe(0);
    const events = await jsonOf<{ readonly head: string }>('status', '--data-dir', killed);
    expect(readdirSync(killed)).not.toContain('restore.json');
    // As it is between the log's name and the end of folding.
    const mark = join(killed, 'restore.json');
    writeFileSync(mark, `${JSON.stringify({ sha256: 'x', head: events.head })}\n`);
    writeFileSync(join(killed, 'log.sqlite.restoring'), 'half');
    expect((await runCli('restore', copy, '--data-dir', killed)).status).toBe(0);
    expect(readdirSync(killed)).not.toContain('restore.json');
    expect(readdirSync(killed)).not.toContain('log.sqlite.restoring');
    writeFileSync(mark, `${JSON.stringify({ sha256: 'x', head: '3' })}\n`);
    const refused = await runCli('restore', copy, '--data-dir', killed);
    expect(refused.stderr).toContain('[restore.store-not-empty]');
  });
});

describe('backup', () => {
  it('refuses a damaged log, and keeps nothing of it', async () => {
    const damaged = storeCopy('damaged-log');
    damage(join(damaged, 'log.sqlite'));
    const into = join(folder, 'of-damaged');
    const ran = await runCli('backup', into, '--data-dir', damaged);
    expect(ran).toMatchObject({ status: 3, stdout: '' });
    expect(ran.stderr).toContain('[store.damaged]');
    expect(readdirSync(into)).toEqual([]);
  });

  it('refuses a log whose events are not dense', async () => {
    const gap = storeCopy('gap');
    const database = new DatabaseSync(join(gap, 'log.sqlite'));
    database.exec('DELETE FROM events WHERE position = 5');
    database.close();
    const into = join(folder, 'of-gap');
    const ran = await runCli('backup', into, '--data-dir', gap);
    expect(ran).toMatchObject({ status: 3, stdout: '' });
    expect(ran.stderr).toContain('[store.damaged]');
  });
});

describe('doctor', () => {
  type Checks = {
    readonly ok: boolean;
    readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
  };

  async function checksOf(directory: string): Promise<Readonly<Record<string, boolean>>> {
    const { ok, checks } = await jsonOf<Checks>('doctor', '--data-dir', directory);
    expect(ok).toBe(false);
    return Object.fromEntries(checks.map((check) => [check.name, check.ok]));
  }

  it('answers with every check beside a damaged log', async () => {
    const damaged = storeCopy('doctor-log');
    damage(join(damaged, 'log.sqlite'));
    expect(await checksOf(damaged)).toMatchObject({ disk: true, log: false });
  });

  it('answers with every check beside damaged read models', async () => {
    const damaged = storeCopy('doctor-read-models');
    writeFileSync(join(damaged, 'read-models.sqlite'), 'text'.repeat(4_000));
    const checks = await checksOf(damaged);
    expect(checks).toMatchObject({ log: true, clock: true, 'complaint-register': false });
  });

  it('answers with every check beside an event of a newer version', async () => {
    const newer = storeCopy('doctor-newer');
    const database = new DatabaseSync(join(newer, 'log.sqlite'));
    database.exec(
      "UPDATE events SET type = 'FromTheFuture' WHERE position = (SELECT max(position) FROM events)",
    );
    database.close();
    const checks = await checksOf(newer);
    expect(checks).toMatchObject({ log: true, clock: false, 'complaint-register': true });
  });
});

describe('import', () => {
  it.each([
    ['is empty', '', 'import.not-a-cfpb-file'],
    ['has another heading', 'a,b\n1,2\n', 'import.not-a-cfpb-file'],
    ['has half a heading', HEADING.slice(0, 40), 'import.not-a-cfpb-file'],
  ])('makes no store for a file that %s', async (_what, text, code) => {
    const file = join(mkdtempSync(join(folder, 'csv-')), 'file.csv');
    writeFileSync(file, text);
    const into = join(folder, 'no-store');
    const ran = await runCli('import', 'cfpb', file, '--data-dir', into);
    expect(ran.stderr).toContain(`[${code}]`);
    expect(ran.status).toBe(2);
    expect(existsSync(into)).toBe(false);
  });

  it('tells a file that cannot be read from a store that cannot', async () => {
    // Linux gives a file whose first byte nobody can read, not even root.
    const unreadable = '/proc/self/mem';
    if (!existsSync(unreadable)) return;
    const into = join(folder, 'no-store');
    const ran = await runCli('import', 'cfpb', unreadable, '--data-dir', into);
    expect(ran.stderr).toContain('[import.file-unreadable]');
    expect(ran.status).toBe(2);
    expect(existsSync(into)).toBe(false);
  });

  it('names the fault of the projector behind it', async () => {
    const broken = storeCopy('broken-fold');
    const database = new DatabaseSync(join(broken, 'read-models.sqlite'));
    database.exec('DROP TABLE complaint_register');
    database.close();
    const file = join(folder, 'more.csv');
    const row = '0,5000,Product,,Issue,,NY,10001,1/5/2015,2/1/2015,Closed with explanation,Yes,';
    writeFileSync(file, `${HEADING}\n${row}\n`);
    const ran = await runCli('import', 'cfpb', file, '--data-dir', broken);
    expect(ran.stderr).toMatch(/the projector failed with read-models\.[a-z-]+;/);
    expect(ran.status).toBe(3);
  });
});

describe('demo', () => {
  it('works on a machine whose clock is behind the days it tells of', async () => {
    const preload = 'const now = Date.now; Date.now = () => now() - 1e11;';
    const into = ['--data-dir', join(folder, 'early')];
    const child = startCli(['demo', '--complaints', '5', '--exit', ...into], { preload });
    expect(await endOf(child)).toMatchObject({ status: 0 });
  });
});

describe('rebuild of damaged read models', () => {
  it.each([
    ['overwritten', damage],
    ['a text', (file: string) => writeFileSync(file, 'text'.repeat(4_000))],
  ])('says what to do when the file is %s, and that works', async (what, harm) => {
    const damaged = storeCopy(`rebuild-${what}`);
    for (const suffix of ['-wal', '-shm']) {
      rmSync(join(damaged, `read-models.sqlite${suffix}`), { force: true });
    }
    harm(join(damaged, 'read-models.sqlite'));
    const ran = await runCli('rebuild', '--data-dir', damaged);
    expect(ran.status).toBe(3);
    expect(ran.stderr).toContain('move read-models.sqlite (with -wal and -shm) away');
    for (const suffix of ['', '-wal', '-shm']) {
      rmSync(join(damaged, `read-models.sqlite${suffix}`), { force: true });
    }
    expect((await runCli('rebuild', '--data-dir', damaged)).status).toBe(0);
    const compared = await jsonOf('rebuild', '--compare', '--data-dir', damaged);
    expect(compared).toMatchObject({ differing: 0, eventsMissing: 0 });
  });
});

describe('output that cannot be written', () => {
  it('lets an import go on when nobody reads its notes', async () => {
    const args = ['import', 'cfpb', join(folder, 'complaints.csv')];
    // A clock that leaps has the first steps of the progress told; then it goes on as clocks do,
    // because waits are measured by it too.
    const preload =
      'const now = Date.now; let n = 0; Date.now = () => now() + (n = Math.min(n + 3_000, 60_000));';
    const child = startCli([...args, '--data-dir', join(folder, 'unread')], { preload });
    child.stderr?.destroy();
    const { status, stdout } = await endOf(child);
    expect(stdout).toContain(`${ROWS} lodged`);
    expect(status).toBe(0);
  });

  it('ends with 3 and a code when the disk is full', async () => {
    if (!existsSync('/dev/full')) return;
    const full = openSync('/dev/full', 'w');
    const child = startCli(['export', 'events', '--data-dir', store], { stdout: full });
    const { status, stderr } = await endOf(child);
    closeSync(full);
    expect(stderr).toMatch(/^redress: .* \[output\.unavailable\]\n$/);
    expect(status).toBe(3);
  });
});
