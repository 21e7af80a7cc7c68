import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { decodeComplaintEvent, evolve, viewOf, type Complaint } from '#complaints/contract';
import { SqliteEventStore } from '#event-store/sqlite';
import {
  countsOf,
  endOf,
  ensureBuilt,
  jsonLinesOf,
  jsonOf,
  runCli,
  startCli,
  type Counted,
} from './run-cli.js';

const COMMAND_TIMEOUT_MS = 180_000;
/** (complaint, N) pairs through the command line; each is a process of its own. */
const SHOW_SAMPLES = Number(process.env['REDRESS_SHOW_SAMPLES'] ?? '6');
const COMPLAINTS = 40;

jest.setTimeout(COMMAND_TIMEOUT_MS);

const HEADING =
  ',Complaint ID,Product,Sub-product,Issue,Sub-issue,State,ZIP code,Date received,Date sent to company,Company response,Timely response?,Consumer disputed?';

function csv(count: number): string {
  const responses = ['Closed with explanation', 'Closed with monetary relief', 'In progress'];
  const rows = Array.from({ length: count }, (_, n) => {
    const response = responses[n % 3] ?? '';
    const disputed = n % 6 === 0 ? 'Yes' : n % 6 === 1 ? 'No' : '';
    const timely = n % 10 === 2 ? 'No' : 'Yes';
    return `${n},${1000 + n},Product ${n % 4},,Issue,,NY,10001,1/${1 + (n % 28)}/2015,2/1/2015,${response},${timely},${disputed}`;
  });
  return `${[HEADING, ...rows].join('\n')}\n`;
}

type Registered = { readonly id: string; readonly reference: string; readonly revision: number };
let folder: string;
let store: string;
let file: string;

beforeAll(async () => {
  ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'redress-cli-'));
  store = join(folder, 'store');
  file = join(folder, 'complaints.csv');
  writeFileSync(file, csv(COMPLAINTS));
  const ran = await runCli('import', 'cfpb', file, '--data-dir', store);
  if (ran.status !== 0) throw new Error(ran.stderr);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('import', () => {
  it('writes nothing the second time', async () => {
    expect(await jsonOf('import', 'cfpb', file, '--data-dir', store)).toMatchObject({
      rows: COMPLAINTS,
      lodged: 0,
      unchanged: COMPLAINTS,
      rejected: [],
      events: 0,
    });
  });

  it('says which rows are broken and why, takes the others, and ends with 1', async () => {
    const broken = join(folder, 'broken.csv');
    writeFileSync(broken, `${HEADING}\n0,1,P,,I,,NY,1,1/1/2015,1/1/2015,Closed,Yes,\n0,2,P\n"\n`);
    const into = join(folder, 'broken-store');
    const { status, stdout } = await runCli('import', 'cfpb', broken, '--data-dir', into, '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      rows: 3,
      lodged: 1,
      rejected: [
        { row: 2, line: 3, reason: '3 columns where the header has 13' },
        { row: 3, line: 4, reason: 'a quote is opened and not closed' },
      ],
    });
  });

  it.each([
    ['another heading', 'a,b\n1,2\n', 'import.not-a-cfpb-file'],
    ['nothing in it', '', 'import.not-a-cfpb-file'],
  ])('refuses a file with %s', async (_what, text, code) => {
    const wrong = join(folder, 'wrong.csv');
    writeFileSync(wrong, text);
    const ran = await runCli('import', 'cfpb', wrong, '--data-dir', join(folder, 'wrong-store'));
    expect(ran).toMatchObject({ status: 2, stdout: '' });
    expect(ran.stderr).toContain(`[${code}]`);
  });

  it('refuses a file that is not there before it makes a store', async () => {
    const into = join(folder, 'never');
    const ran = await runCli('import', 'cfpb', join(folder, 'none.csv'), '--data-dir', into);
    expect(ran.status).toBe(2);
    expect(ran.stderr).toContain('[import.file-not-found]');
    expect(existsSync(into)).toBe(false);
  });
});

describe('reading commands', () => {
  it('counts by declared fields', async () => {
    const counted = await jsonOf<Counted>('count', '--by', 'outcome', '--data-dir', store);
    expect(counted.total).toBe(COMPLAINTS);
    expect(countsOf(counted, 'outcome')).toEqual({
      explanation: 14,
      'monetary-relief': 13,
      null: 13,
    });
    const open = ['--where', 'status=open', '--data-dir', store];
    expect(await jsonOf('count', ...open)).toEqual({ total: 13 });
  });

  it('lists a page, sorted, and goes on behind it', async () => {
    const args = ['list', '--sort', '-receivedAt', '--limit', '15', '--data-dir', store];
    const first = await runCli(...args, '--json');
    const after = /--after (\S+)/.exec(first.stderr)?.[1] ?? '';
    const second = await jsonLinesOf<Registered>(...args, '--after', after);
    const ids = [...first.stdout.trim().split('\n').map(idOf), ...second.map(({ id }) => id)];
    expect(new Set(ids).size).toBe(30);
  });

  it('shows a complaint after any number of its events: the fold of so many', async () => {
    const rows = await jsonLinesOf<Registered>('list', '--limit', '40', '--data-dir', store);
    const eventStore = await SqliteEventStore.open({ directory: store, mode: 'read' });
    for (let sample = 0; sample < SHOW_SAMPLES; sample += 1) {
      const row = rows[Math.floor(Math.random() * rows.length)];
      if (!row) throw new Error('the list is empty');
      const events = (await eventStore.readStream(row.id)).map(decodeComplaintEvent);
      const count = 1 + Math.floor(Math.random() * events.length);
      const folded = events.slice(0, count).reduce(evolve, undefined as Complaint | undefined);
      if (!folded) throw new Error('nothing folded');
      const args = ['--event', String(count), '--data-dir', store];
      const shown = await jsonOf('show', row.reference, ...args);
      expect(shown).toEqual(JSON.parse(JSON.stringify(viewOf(folded))));
    }
    await eventStore.close();
  });

  it('tells what had happened apart from what was known', async () => {
    const [row] = await jsonLinesOf<Registered>('list', '--limit', '1', '--data-dir', store);
    const reference = row?.reference ?? '';
    const common = ['--data-dir', store];
    // The file tells when it was sent, but was read only now.
    const then = await jsonOf<Complaint>('show', reference, '--at', '2015-02-01', ...common);
    expect(then).toMatchObject({ status: 'open', forwardings: [{ respondent: 'not-stated' }] });
    const known = await runCli('show', reference, '--known-at', '2015-02-01', ...common);
    expect(known.status).toBe(2);
    expect(known.stderr).toContain('[complaint.not-lodged]');
  });

  it('tells the history and the difference between two moments', async () => {
    const where = ['--where', 'status=disputed', '--limit', '1', '--data-dir', store];
    const [row] = await jsonLinesOf<Registered>('list', ...where);
    const reference = row?.reference ?? '';
    const history = await jsonLinesOf<{ readonly type: string }>(
      'history',
      reference,
      '--data-dir',
      store,
    );
    expect(history.map(({ type }) => type)).toEqual([
      'ComplaintLodged',
      'ComplaintForwarded',
      'DecisionCommunicated',
      'DecisionDisputed',
    ]);
    const moments = ['--from', '2', '--to', '3', '--data-dir', store];
    const { changes } = await jsonOf<{ readonly changes: readonly { readonly path: string }[] }>(
      'diff',
      reference,
      ...moments,
    );
    expect(changes.map(({ path }) => path)).toContain('decision');
    const years = await runCli(
      'diff',
      reference,
      '--from',
      '2025',
      '--to',
      '2026',
      '--data-dir',
      store,
    );
    expect(years).toMatchObject({ status: 2, stdout: '' });
    expect(years.stderr).toContain('[usage.no-such-event]');
  });

  it('exports the stored events, from and to a position', async () => {
    const all = await jsonLinesOf<{ readonly position: string }>(
      'export',
      'events',
      '--data-dir',
      store,
    );
    expect(all.map(({ position }) => position)).toEqual(all.map((_, index) => String(index)));
    const range = ['--from', '3', '--to', '5', '--data-dir', store];
    const some = await jsonLinesOf<{ readonly position: string }>('export', 'events', ...range);
    expect(some).toEqual(all.slice(3, 6));
  });

  it('ends cleanly when nobody reads on', async () => {
    const child = startCli(['export', 'events', '--data-dir', store]);
    child.stdout?.destroy();
    expect(await endOf(child)).toMatchObject({ status: 0, stderr: '' });
  });

  it('gives its status, and finds nothing wrong', async () => {
    expect(await jsonOf('status', '--data-dir', store)).toMatchObject({ lag: 0, eventsMissing: 0 });
    expect(await jsonOf('doctor', '--data-dir', store)).toMatchObject({ ok: true });
  });
});

describe('rebuild', () => {
  it('finds no difference, then names the document that was changed by hand', async () => {
    const copy = join(folder, 'changed');
    cpSync(store, copy, { recursive: true });
    const compare = ['rebuild', '--compare', '--data-dir', copy];
    expect(await jsonOf(...compare)).toMatchObject({ differing: 0, eventsMissing: 0 });
    const database = new DatabaseSync(join(copy, 'read-models.sqlite'));
    const { id } = database.prepare('SELECT id FROM complaint_register LIMIT 1').get() as {
      id: string;
    };
    database.prepare('UPDATE complaint_register SET product = ? WHERE id = ?').run('Else', id);
    database.close();
    const found = await runCli(...compare, '--json');
    expect(found.status).toBe(1);
    expect(JSON.parse(found.stdout)).toMatchObject({
      differing: 1,
      first: [{ id, fields: ['product'] }],
    });
    expect(found.stderr).toContain(id);
    expect((await runCli('rebuild', '--data-dir', copy)).status).toBe(0);
    expect(await jsonOf(...compare)).toMatchObject({ differing: 0 });
  });
});

describe('backup and restore', () => {
  it('copies a store while it is there, and folds it again elsewhere', async () => {
    const copy = join(folder, 'backup');
    const restored = join(folder, 'restored');
    expect((await runCli('backup', copy, '--data-dir', store)).status).toBe(0);
    expect((await runCli('restore', copy, '--data-dir', restored)).status).toBe(0);
    const [one, two] = [
      await runCli('export', 'events', '--data-dir', store),
      await runCli('export', 'events', '--data-dir', restored),
    ];
    expect(two.stdout).toBe(one.stdout);
    expect(await jsonOf('rebuild', '--compare', '--data-dir', restored)).toMatchObject({
      differing: 0,
    });
    const again = await runCli('restore', copy, '--data-dir', restored);
    expect(again.status).toBe(2);
    expect(again.stderr).toContain('[restore.store-not-empty]');
    expect((await runCli('backup', copy, '--data-dir', store)).stderr).toContain(
      '[backup.folder-not-empty]',
    );
    writeFileSync(join(copy, 'log.sqlite'), 'damaged');
    const damaged = await runCli('restore', copy, '--data-dir', join(folder, 'other'));
    expect(damaged.status).toBe(2);
    expect(damaged.stderr).toContain('[backup.damaged]');
    expect(existsSync(join(folder, 'other'))).toBe(false);
  });
});

describe('wrong use', () => {
  it.each([
    [['nonsense'], 'usage.invalid'],
    [['show'], 'usage.invalid'],
    [['list', '--limit', '0'], 'usage.invalid'],
    [['list', '--where', 'status~open'], 'usage.bad-where'],
    [['list', '--where', 'colour=red'], 'query.unknown-field'],
    [['list', '--sort', 'issue'], 'query.not-sortable'],
    [['count', '--by', 'colour'], 'query.unknown-field'],
    [['count', '--of', 'nothing'], 'usage.unknown-read-model'],
    [['show', 'C-26-7F3K-9QXM-5'], 'reference.malformed'],
    [['show', '00000000-0000-4000-8000-000000000000'], 'complaint.not-lodged'],
    [['show', 'x', '--at', '2015-01-01', '--event', '1'], 'usage.conflict'],
    [
      ['show', '00000000-0000-4000-8000-000000000000', '--at', '2015-02-30'],
      'complaint.not-lodged',
    ],
    [['diff', 'x', '--from', 'soon', '--to', '2'], 'usage.bad-moment'],
    [['export', 'events', '--from', '-1'], 'usage.bad-position'],
    [['demo', '--until', '2999-01-01'], 'usage.bad-day'],
  ])('%j ends with 2 and says %s', async (args, code) => {
    const ran = await runCli(...args, '--data-dir', store);
    expect(ran.stderr).toContain(`[${code}]`);
    expect(ran.status).toBe(2);
  });

  it.each([['--help'], ['show --help'], ['import cfpb --help'], ['--version']])(
    '%s helps',
    async (args) => {
      expect(await runCli(...args.split(' '))).toMatchObject({ status: 0, stderr: '' });
    },
  );
});

describe('a store that cannot be used', () => {
  it('is refused with 3 when there is none', async () => {
    const ran = await runCli('list', '--data-dir', join(folder, 'nowhere'));
    expect(ran.status).toBe(3);
    expect(ran.stderr).toContain('[store.unavailable]');
  });

  it('is refused with 3 when a file is where the folder should be', async () => {
    const ran = await runCli('import', 'cfpb', file, '--data-dir', join(file, 'store'));
    expect(ran.status).toBe(3);
    expect(ran.stderr).toContain('[store.unavailable]');
  });

  it('is refused with 3 when a newer version has written it', async () => {
    const newer = join(folder, 'newer');
    cpSync(store, newer, { recursive: true });
    const database = new DatabaseSync(join(newer, 'log.sqlite'));
    database.exec('PRAGMA user_version = 999');
    database.close();
    for (const args of [['status'], ['import', 'cfpb', file]]) {
      const ran = await runCli(...args, '--data-dir', newer);
      expect(ran.status).toBe(3);
      expect(ran.stderr).toContain('[store.format-unknown]');
    }
  });

  it('is refused to a second writer, naming the first, while readers work', async () => {
    const server = startCli(['serve', '--port', '0', '--json', '--data-dir', store]);
    const [line] = (await once(server.stdout ?? server, 'data')) as [Buffer];
    const { address } = JSON.parse(line.toString()) as { readonly address: string };
    expect((await fetch(`${address}/health/live`)).status).toBe(200);
    const second = await runCli('import', 'cfpb', file, '--data-dir', store);
    expect(second.status).toBe(3);
    expect(second.stderr).toContain('[store.locked]');
    expect(second.stderr).toContain(String(server.pid));
    expect(await jsonOf('count', '--data-dir', store)).toEqual({ total: COMPLAINTS });
    const compared = await jsonOf('rebuild', '--compare', '--data-dir', store);
    expect(compared).toMatchObject({ differing: 0 });
    expect((await runCli('backup', join(folder, 'live'), '--data-dir', store)).status).toBe(0);
    const ended = endOf(server);
    server.kill('SIGTERM');
    expect((await ended).status).toBe(0);
  });
});

describe('demo', () => {
  it('fills, verifies and tells the same again, but only in a folder of its own', async () => {
    const demo = join(folder, 'demo');
    const args = ['demo', '--complaints', '25', '--seed', 's', '--exit', '--data-dir'];
    type Summary = { readonly events: number; readonly checkpoint: string };
    const summary = await jsonOf<Summary>(...args, demo);
    expect(summary.checkpoint).toMatch(
      new RegExp(
        `^redress.local/default\n${summary.events}\n.{44}\n\n— redress.local/default .+\n$`,
      ),
    );
    const verify = ['ledger', 'verify', '--data-dir', demo];
    expect(await jsonOf(...verify)).toMatchObject({ ok: true, checked: summary.events });
    expect(summary).toMatchObject({
      complaints: 25,
      documents: 75,
      differing: 0,
      eventsMissing: 0,
    });
    const first = await runCli('export', 'events', '--data-dir', demo);
    const again = await jsonOf<{ readonly events: number }>(...args, demo);
    expect(again.events).toBe(summary.events);
    expect((await runCli('export', 'events', '--data-dir', demo)).stdout).toBe(first.stdout);
    const before = readdirSync(store).toSorted();
    const foreign = await runCli(...args, store);
    expect(foreign.status).toBe(2);
    expect(foreign.stderr).toContain('[demo.not-a-demo-store]');
    expect(readdirSync(store).toSorted()).toEqual(before);
  });
});

function idOf(line: string): string {
  return (JSON.parse(line) as Registered).id;
}
