import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { canonicalJson } from '#kernel';
import { LEDGER_MARK, sequenceOnce } from '#ledger';
import { newSignerKey, signNote } from '#merkle';
import type { LedgerConfiguration } from '#wiring';
import { serverLedgerChecks, type SignedFor } from '../../apps/cli/checks/server-ledger.js';
import { appendEvents, LedgerGround, ORIGIN } from './sequencer-ground.js';

let ground: LedgerGround;
let server: Server | undefined;

beforeEach(async () => {
  ground = new LedgerGround();
  await appendEvents(ground.store, 300);
});
afterEach(async () => {
  const ended = server;
  server = undefined;
  if (ended) await new Promise((resolve) => ended.close(resolve));
  ground.remove();
});

/** As on the machine of an operator, who has neither folder nor key. */
function elsewhere(more: Partial<Extract<LedgerConfiguration, { kind: 'on' }>> = {}): SignedFor {
  const directory = join(ground.directory, 'not-here');
  const keyFile = join(directory, 'ledger.key');
  return { origin: ORIGIN, ledger: { kind: 'on', directory, keyFile, timeEveryHours: 1, ...more } };
}

async function checks(configuration: SignedFor): Promise<Readonly<Record<string, string>>> {
  const found = await serverLedgerChecks(configuration, ground.store);
  return Object.fromEntries(
    found.map(({ name, ok, detail }) => [name, `${ok ? 'well' : 'ill'}: ${detail}`]),
  );
}

async function mark(value: object): Promise<void> {
  const before = await ground.store.readMark(LEDGER_MARK);
  await ground.store.writeMark(LEDGER_MARK, canonicalJson(value), before?.revision ?? 'no-mark');
}

/** Serves the ledger's files below `/ledger/`, as the sequencer does. */
async function addressOfLedger(): Promise<string> {
  const started = createServer((request, response) => {
    void ground.folder.read((request.url ?? '').replace('/ledger/', '')).then((bytes) => {
      response.writeHead(bytes ? 200 : 404).end(bytes);
    });
  });
  server = started;
  await new Promise<void>((resolve) => {
    started.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

describe('doctor on servers', () => {
  it('says when nothing is signed, or nothing is to be', async () => {
    expect(await checks(elsewhere())).toEqual({
      'ledger mark': 'well: nothing is signed yet, and the log has 300 events',
    });
    expect(await checks({ origin: ORIGIN, ledger: { kind: 'off' } })).toEqual({
      ledger: 'well: off: nothing is signed',
    });
  });

  it('looks at the mark beside the log, and at its signature where the key is', async () => {
    await sequenceOnce(ground.parts());
    await appendEvents(ground.store, 2);
    const { 'ledger mark': without } = await checks(elsewhere());
    expect(without).toMatch(/^well: 300 of 302 events are signed by redress\.test\/ledger\+/);
    expect(without).toContain('whose key is not here');
    const { 'ledger mark': withKey } = await checks(elsewhere({ keyFile: ground.keyFile }));
    expect(withKey).toMatch(/^well: 300 of 302 .*\+[0-9a-f]{8}$/);
  });

  it('looks at the folder as well where it is', async () => {
    await sequenceOnce(ground.parts());
    const { directory } = ground.folder;
    const found = await checks(elsewhere({ directory, keyFile: ground.keyFile }));
    expect(Object.keys(found)).toEqual(['ledger mark', 'ledger key', 'ledger']);
    expect(found['ledger']).toContain('the tiles bear it out');
  });

  it('finds a mark that is not ours', async () => {
    const { note } = await sequenceOnce(ground.parts());
    const { value = '' } = (await ground.store.readMark(LEDGER_MARK)) ?? {};
    const other = { ...elsewhere(), origin: 'other.test/ledger' };
    expect((await checks(other))['ledger mark']).toContain('ill: it is of redress.test/ledger');

    const strange = newSignerKey('strange.test/log', new Uint8Array(32).fill(7));
    const text = `${note.split('\n\n')[0] ?? ''}\n`;
    await mark({ ...JSON.parse(value), note: signNote(text, strange) });
    expect((await checks(elsewhere()))['ledger mark']).toContain('ill: it has no signature of');
    await mark({ v: 2 });
    expect((await checks(elsewhere()))['ledger mark']).toContain('[ledger.checkpoint-malformed]');
  });

  it('finds a signature that the key at hand did not make', async () => {
    await sequenceOnce(ground.parts());
    const theirs = new LedgerGround();
    await sequenceOnce(theirs.parts());
    const found = await checks(elsewhere({ keyFile: theirs.keyFile }));
    theirs.remove();
    expect(found['ledger mark']).toMatch(/^ill: .*\[note\./);
  });

  it('finds a log that is not as far as the mark, and a mark at another place', async () => {
    await sequenceOnce(ground.parts());
    const { value = '' } = (await ground.store.readMark(LEDGER_MARK)) ?? {};
    const position = ground.log.all[99]?.position;
    await mark({ ...JSON.parse(value), position });
    expect((await checks(elsewhere()))['ledger mark']).toBe(
      'ill: 300 events are signed, and the position beside is that of event 100',
    );
    const cut = ground.copyOfLog();
    const old = new LedgerGround();
    old.log.add(cut.all.slice(0, 200));
    for (const [name, kept] of cut.marks) old.log.marks.set(name, kept);
    const [found] = await serverLedgerChecks(elsewhere(), old.store);
    old.remove();
    expect(found).toMatchObject({ ok: false, detail: expect.stringContaining('the log has 200') });
  });

  it('holds the place outside against mark and log', async () => {
    await sequenceOnce(ground.parts());
    const file = join(ground.directory, `${ORIGIN.replace('/', '+')}.checkpoint`);
    const outside = { outside: ground.directory };
    const there = async () => (await checks(elsewhere(outside)))['ledger outside'];
    expect(await there()).toBe(
      'ill: 300 events are signed, and no checkpoint is there: is the place mounted?',
    );
    const note = (await ground.noteInMark()) ?? '';
    writeFileSync(file, note);
    expect(await there()).toBe('well: 300 events are signed there, 300 here');
    writeFileSync(file, note.replace('\n300\n', '\n301\n'));
    expect(await there()).toBe('ill: 301 events are signed, and the log has 300');
    writeFileSync(file, note.replace(/\n300\n./, '\n300\nA').replace('\n300\nA', '\n300\nB'));
    expect(await there()).toContain('is another than here');
    const missing = await checks(elsewhere({ outside: join(ground.directory, 'none') }));
    expect(missing['ledger outside']).toContain('[ledger.outside-unavailable]');
  });

  it('asks the public address for what the world is shown', async () => {
    const publicUrl = await addressOfLedger();
    const shown = async () => (await checks({ ...elsewhere(), publicUrl }))['ledger address'];
    expect(await shown()).toContain('well: no checkpoint is shown there');
    await sequenceOnce(ground.parts());
    expect(await shown()).toBe('well: 300 events are shown there, and the tiles bear it out');

    const first = ground.folder.directory;
    renameSync(first, `${first}-away`);
    expect(await shown()).toContain('ill: no checkpoint is shown there');
    const other = new LedgerGround();
    await appendEvents(other.store, 300);
    await sequenceOnce(other.parts());
    renameSync(other.folder.directory, first);
    other.remove();
    expect(await shown()).toBe('ill: the tiles there do not bear out the checkpoint of 300 events');
    const nowhere = { ...elsewhere(), publicUrl: 'http://127.0.0.1:1' };
    expect((await checks(nowhere))['ledger address']).toContain('[ledger.unreachable]');
  });
});
