import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  complaintHistory,
  samplePackFiles,
  samplePackZip,
  signedLedger,
  testSigner,
} from '#testing/evidence';
import type { EventRecord } from '../event-record.js';
import { leafOf } from '../leaf/leaf.js';
import { chronologyHtml } from './chronology.js';
import type { PackFile } from './stored-zip.js';
import { timeTokensOf, verifyPack } from './verify-pack.js';

const EVENTS = complaintHistory({ events: 60, streams: 6 });
const STREAM = EVENTS[2]?.stream ?? '';
const ledger = signedLedger({ events: EVENTS });
const younger = signedLedger({ events: EVENTS.slice(0, 40) });
const { policy } = ledger;

let files: readonly PackFile[];

beforeAll(async () => {
  files = await samplePackFiles({ ledger, events: EVENTS, stream: STREAM, earlier: [younger] });
});

const changed = (path: string, change: (text: string) => string): readonly PackFile[] =>
  files.map((file) =>
    file.path === path
      ? { path, bytes: Buffer.from(change(Buffer.from(file.bytes).toString('latin1')), 'latin1') }
      : file,
  );
const without = (...paths: readonly string[]): readonly PackFile[] =>
  files.filter(({ path }) => !paths.includes(path));
const verify = (payload: readonly PackFile[], kept: readonly string[] = []) =>
  verifyPack(samplePackZip(payload), { policy, kept });
const whats = (payload: readonly PackFile[]) =>
  verify(payload).faults.map(({ what, path }) => [what, path]);

describe('verifying a pack', () => {
  it('finds nothing wrong with a whole one, and says what it does not prove', () => {
    const verdict = verify(files);
    expect(verdict).toMatchObject({ ok: true, size: 60, checked: 10, faultCount: 0, faults: [] });
    expect(verdict).toMatchObject({ subject: 'C-1', stream: STREAM, withheld: [], documents: 0 });
    expect(verdict.checks.join()).toContain('revisions 0 to 9');
    expect(verdict.checks.join()).toContain('earlier checkpoint of 40 leaves');
    expect(verdict.notProved.join()).toContain('rewritten as a whole');
    expect(verdict.notProved.join()).toContain('no event after revision 9');
    expect(verdict.notProved.join()).toContain('1 documents that events name');
  });

  it('proves that withheld events are there, without what they say', async () => {
    const withheld = [1, 3];
    const payload = await samplePackFiles({ ledger, events: EVENTS, stream: STREAM, withheld });
    expect(verify(payload)).toMatchObject({ ok: true, checked: 10, withheld });
    expect(verify(payload).notProved.join()).toMatch(/withheld events say; .*index.*hashes of/);
    const shown = files.find(({ path }) => path === 'data/events/000001.json');
    expect(whats(shown ? [...payload, shown] : [])).toEqual([['event', 'data/events/000001.json']]);
  });

  it('names what was changed, though zip and manifests fit the change', () => {
    expect(
      whats(changed('data/events/000004.json', (text) => text.replace('fehlt', 'kommt'))),
    ).toEqual([['event', 'data/events/000004.json']]);
    const swapped = files.map((file) => ({
      path: file.path.replace(/00000([45])/, (_, digit) => `00000${digit === '4' ? 5 : 4}`),
      bytes: file.bytes,
    }));
    expect(whats(swapped)).toEqual([
      ['proof', 'data/proofs/000004.tlog-proof'],
      ['proof', 'data/proofs/000005.tlog-proof'],
    ]);
    expect(
      whats(changed('data/chronology.html', (text) => text.replace('Complaint', 'Komplaint'))),
    ).toEqual([['file', 'data/chronology.html']]);
    expect(
      whats(changed('data/scope.json', (text) => text.replace('"size":60', '"size":61'))),
    ).toContainEqual(['file', 'data/scope.json']);
    expect(
      whats(changed('data/checkpoint', (text) => text.replace('\n60\n', '\n61\n'))),
    ).toContainEqual(['checkpoint', 'data/checkpoint']);
    expect(
      whats(changed('data/earlier/40/consistency', (text) => text.split('\n').slice(1).join('\n'))),
    ).toEqual([['proof', 'data/earlier/40/consistency']]);
  });

  it.each([
    ['data/chronology.html', 'Complaint', ['every byte', 'chronology']],
    ['data/events/000004.json', 'fehlt', ['events against', 'chronology']],
    ['data/proofs/000004.tlog-proof', 'index', ['a proof for', 'events against', 'chronology']],
  ])('says nothing as checked that a fault of %s speaks against', (path, text, out) => {
    const claims = ['every byte', 'a proof for', 'events against', 'chronology'];
    const checks = verify(changed(path, (found) => found.replace(text, 'X'))).checks.join();
    expect(claims.filter((claim) => !checks.includes(claim))).toEqual(out);
    expect(checks).toContain('the checkpoint of 60 leaves: signed by');
    expect(claims.filter((claim) => !verify(files).checks.join().includes(claim))).toEqual([]);
  });

  it('names what is missing or too much', () => {
    expect(whats(without('data/proofs/000009.tlog-proof', 'data/events/000009.json'))).toEqual([
      ['proof', 'data/proofs/000009.tlog-proof'],
      ['event', 'data/events/000009.json'],
    ]);
    expect(whats(without('data/events/000002.json'))).toContainEqual([
      'event',
      'data/events/000002.json',
    ]);
    expect(whats(without('data/chronology.html'))).toEqual([['file', 'data/chronology.html']]);
    expect(whats(without('data/checkpoint'))).toEqual([['checkpoint', 'data/checkpoint']]);
    expect(whats(without('data/scope.json'))).toEqual([['file', 'data/scope.json']]);
    expect(whats(without('data/earlier/40/consistency'))).toEqual([
      ['checkpoint', 'data/earlier/40/checkpoint'],
    ]);
    const stray = { path: 'data/more.txt', bytes: new Uint8Array() };
    expect(whats([...files, stray])).toEqual([['file', 'data/more.txt']]);
    const shorter = changed('data/scope.json', (text) => text.replace('"events":10', '"events":9'));
    expect(whats(shorter)).toContainEqual(['proof', 'data/proofs/000009.tlog-proof']);
  });

  it('checks documents by the hash that an event names', async () => {
    const letter = Buffer.from('Dear complainant');
    const sha256 = createHash('sha256').update(letter).digest('hex');
    const [first, ...rest] = EVENTS.filter(({ stream }) => stream === STREAM);
    const events = [{ ...first, data: `{"contentSha256":"${sha256}"}` } as EventRecord, ...rest];
    const own = signedLedger({ events });
    const packed = async (path: string, bytes: Uint8Array) =>
      verify(
        await samplePackFiles({
          ledger: own,
          events,
          stream: STREAM,
          documents: [{ path, bytes }],
        }),
      );
    expect(await packed(sha256, letter)).toMatchObject({ ok: true, documents: 1 });
    expect((await packed(sha256, Buffer.from('Dear'))).faults).toMatchObject([
      { what: 'document' },
    ]);
    const other = createHash('sha256').update('x').digest('hex');
    expect((await packed(other, Buffer.from('x'))).faults).toMatchObject([{ what: 'document' }]);
  });

  it('shows any flip of a byte in zip and manifests, and where it is', () => {
    const zip = samplePackZip(files);
    const silent: number[] = [];
    for (let at = 0; at < zip.length; at += 37) {
      const flipped = zip.slice();
      flipped[at] = (flipped[at] ?? 0) ^ 0x41;
      const { ok, faults } = verifyPack(flipped, { policy });
      if (ok || faults.every(({ path, index }) => path === undefined && index === null)) {
        silent.push(at);
      }
    }
    expect(silent).toEqual([]);
  });

  it('holds kept checkpoints against what it proves', () => {
    expect(verify(files, [younger.note, ledger.note])).toMatchObject({ ok: true });
    expect(verify(files, [younger.note]).notProved.join()).toContain('after the first 40 leaves');
    const rewritten = complaintHistory({ events: 60, streams: 6, seed: 'b' });
    const fault = (note: string) => verify(files, [note]).faults;
    const forked = signedLedger({ events: rewritten.slice(0, 40) });
    expect(fault(forked.note)).toMatchObject([{ what: 'kept', index: 40 }]);
    expect(fault(signedLedger({ events: rewritten }).note)).toMatchObject([
      { what: 'kept', index: 60 },
    ]);
    const unlinked = signedLedger({ events: EVENTS.slice(0, 41) });
    expect(fault(unlinked.note)).toMatchObject([{ what: 'kept', index: 41 }]);
    expect(fault(unlinked.note)[0]?.reason).toMatch(
      /not made for the kept checkpoint of 41.*nothing against the house.*pack --kept/,
    );
    expect(fault(forked.note)[0]?.reason).toContain('history was rewritten or forked');
    const { notProved } = verify(files, [unlinked.note]);
    expect(notProved.join()).toContain('and what was given does not');
    expect(verify(files).notProved.join()).toContain('and none was given');
    const later = signedLedger({ events: complaintHistory({ events: 61, streams: 6 }) });
    expect(fault(later.note)).toMatchObject([{ what: 'kept', index: 61 }]);
    const stranger = signedLedger({ events: EVENTS }, testSigner('redress.example/test', 9));
    expect(fault(stranger.note)).toMatchObject([{ what: 'kept', index: null }]);
  });

  it('ties every time token to a proved checkpoint', () => {
    const token = { path: 'data/time/40.tsr', bytes: Buffer.from('token') };
    const note = { path: 'data/time/40.note', bytes: Buffer.from(younger.note) };
    const timed = [...files, token, note];
    expect(verify(timed)).toMatchObject({ ok: true, timeTokens: 1 });
    expect(timeTokensOf(samplePackZip(timed))).toMatchObject([{ size: 40 }]);
    expect(whats([...files, token])).toEqual([['time-token', 'data/time/40.note']]);
    const misnamed = timed.map(({ path, bytes }) => ({
      path: path.replace('time/40', 'time/12'),
      bytes,
    }));
    expect(whats(misnamed)).toEqual([['time-token', 'data/time/12.note']]);
    const paths = ['data/earlier/40/checkpoint', 'data/earlier/40/consistency'];
    const unlinked = [...without(...paths), token, note];
    expect(whats(unlinked)).toEqual([['time-token', 'data/time/40.note']]);
  });

  it('finds a gap, an event of another stream, and events out of order', async () => {
    const events = EVENTS.map((event) =>
      event.stream === STREAM && event.revision > 5
        ? { ...event, revision: event.revision + 1 }
        : event,
    );
    const gap = await samplePackFiles({ ledger: signedLedger({ events }), events, stream: STREAM });
    expect(whats(gap)).toContainEqual(['proof', 'data/proofs/000006.tlog-proof']);
  });
});

describe('the chronology', () => {
  it('is not made where its keys repeat into more than it may have', () => {
    const event = { ...EVENTS[0], data: `{"${'k'.repeat(1_000)}":[1,2,3]}` } as EventRecord;
    const place = { origin: 'o', index: 0 };
    const page = { subject: 'C-1', stream: event.stream, origin: 'o', size: 1 };
    const events = [{ leaf: leafOf(event, place), content: event }];
    const length = chronologyHtml({ ...page, events }).length;
    expect(chronologyHtml({ ...page, events }, length)).toHaveLength(length);
    expect(() => chronologyHtml({ ...page, events }, length - 1)).toThrow(
      expect.objectContaining({ code: 'chronology.too-large' }),
    );
  });

  it('is read without script, and lets no text from outside become markup', async () => {
    const [event] = EVENTS;
    const events = [
      { ...event, data: '{"narrative":"<script>alert(1)</script> & \\"x\\""}' } as EventRecord,
    ];
    const own = signedLedger({ events });
    const stream = events[0]?.stream ?? '';
    const payload = await samplePackFiles({ ledger: own, events, stream });
    const page = payload.find(({ path }) => path === 'data/chronology.html');
    const html = Buffer.from(page?.bytes ?? []).toString('utf8');
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;x&quot;');
    expect(html).toContain('<h2>Complaint lodged</h2>');
    expect(html).toContain('<th scope="row">Narrative</th>');
    expect(html).toContain('(Case handler)');
  });
});
