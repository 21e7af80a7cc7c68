import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryLog } from '#event-store/memory';
import { canonicalJson, InvariantBroken } from '#kernel';
import { LedgerError, sequenceOnce, tileSourceOf, type LedgerParts } from '#ledger';
import { formatSignerKey, newSignerKey, rootOf } from '#merkle';
import { appendEvents, LedgerGround, ORIGIN } from './sequencer-ground.js';

let ground: LedgerGround;

beforeEach(() => {
  ground = new LedgerGround();
});

afterEach(() => ground.remove());

async function refusal(
  parts: LedgerParts = ground.parts({ outside: ground.outside }),
): Promise<unknown> {
  const error: unknown = await sequenceOnce(parts).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof LedgerError ? error.code : error;
}

describe('what is lost', () => {
  beforeEach(async () => {
    await appendEvents(ground.store, 600);
    await sequenceOnce(ground.parts({ outside: ground.outside }));
  });

  it.each([
    ['folder', async () => await rm(join(ground.directory, 'ledger'), { recursive: true })],
    ['mark', async () => ground.log.marks.clear()],
    ['checkpoint file', async () => await rm(join(ground.directory, 'ledger', 'checkpoint'))],
    ['state', async () => await rm(join(ground.directory, 'ledger', 'state.json'))],
    ['tiles', async () => await rm(join(ground.directory, 'ledger', 'tile'), { recursive: true })],
    [
      'mark and state',
      async () => {
        ground.log.marks.clear();
        await rm(join(ground.directory, 'ledger', 'state.json'));
      },
    ],
    [
      'mark and folder',
      async () => {
        ground.log.marks.clear();
        await rm(join(ground.directory, 'ledger'), { recursive: true });
      },
    ],
  ])('%s, is made again without signing anew', async (_, lose) => {
    const { note } = ground.outside;
    const before = (await ground.noteInFolder()) ?? '';
    await lose();
    ground.steps.length = 0;
    const again = await sequenceOnce(ground.parts({ outside: ground.outside }));
    expect(again.note).toBe(before);
    expect(note).toBe(before);
    expect(ground.steps).not.toContain('sign');
    expect(await ground.noteInMark()).toBe(before);
    expect(await ground.noteInFolder()).toBe(before);
    expect(ground.outside.note).toBe(before);
    expect(await rootOf(tileSourceOf(ground.folder), 600n)).toEqual(again.root);
    await appendEvents(ground.store, 1);
    const next = await sequenceOnce(ground.parts({ outside: ground.outside }));
    expect(await ground.signedSize(next.note)).toBe(601n);
  });

  it.each(['tile/0/002.p/88', 'tile/1/000.p/2', 'tile/entries/002.p/88'])(
    'in part: %s damaged, is made again',
    async (path) => {
      const file = join(ground.directory, 'ledger', path);
      const bytes = await readFile(file);
      bytes[5] = (bytes[5] ?? 0) ^ 1;
      await writeFile(file, bytes);
      const before = await ground.noteInFolder();
      expect((await sequenceOnce(ground.parts())).note).toBe(before);
      expect(await rootOf(tileSourceOf(ground.folder), 600n)).toEqual(ground.rootOfLog(600n));
      bytes[5] = (bytes[5] ?? 0) ^ 1;
      expect(await readFile(file)).toEqual(bytes);
    },
  );

  it('as an old folder, is brought up', async () => {
    const before = await ground.noteInFolder();
    const old = new LedgerGround();
    try {
      old.openLog(new MemoryLog());
      old.log.add(ground.log.all.slice(0, 300));
      await writeFile(old.keyFile, await readFile(ground.keyFile), { mode: 0o600 });
      await sequenceOnce(old.parts());
      const published = await sequenceOnce(ground.parts({ folder: old.folder }));
      expect(published.note).toBe(before);
      expect(await rootOf(tileSourceOf(old.folder), 600n)).toEqual(published.root);
      expect(await old.folder.read('tile/0/000')).toEqual(await ground.folder.read('tile/0/000'));
    } finally {
      old.remove();
    }
  });
});

describe('a log that does not extend what was signed', () => {
  /** Signs so many events, goes back to an older copy, appends to that, and forgets what is named. */
  async function goBack(more: number): Promise<void> {
    await appendEvents(ground.store, 300);
    await sequenceOnce(ground.parts({ outside: ground.outside }));
    const backup = ground.copyOfLog();
    await appendEvents(ground.store, 300);
    await sequenceOnce(ground.parts({ outside: ground.outside }));
    ground.openLog(backup);
    if (more > 0) await appendEvents(ground.store, more);
  }

  it.each([
    ['an old backup', 0],
    ['an old backup that went on a little', 100],
    ['an old backup that went on as far', 300],
    ['an old backup that went on further', 900],
  ])('is refused: %s', async (_, more) => {
    await goBack(more);
    const files = await ground.files();
    const tile = await ground.folder.read('tile/0/001');
    expect(await refusal()).toBe('ledger.log-does-not-extend');
    // What bears out the signed checkpoint is evidence now.
    expect(await ground.files()).toEqual(files);
    expect(await ground.folder.read('tile/0/001')).toEqual(tile);
    expect((await ground.store.readMark('ledger'))?.revision).toBe(0);
  });

  it.each([0, 300])(
    'is refused with nothing but the memory outside, %d events on',
    async (more) => {
      await goBack(more);
      ground.log.marks.clear();
      await rm(join(ground.directory, 'ledger'), { recursive: true });
      expect(await refusal()).toBe('ledger.log-does-not-extend');
    },
  );

  it.each([
    ['checkpoint', []],
    ['note of the day', ['checkpoint']],
    ['cosigned note', ['checkpoint', 'checkpoints']],
    ['note that has a time token', ['checkpoint', 'checkpoints', 'cosigned']],
  ])('is refused with nothing but the %s in the folder', async (_, lost) => {
    await goBack(300);
    const note = Buffer.from((await ground.noteInFolder()) ?? '');
    const paths = ['cosigned', 'time/600.note', 'time/99.note'];
    await ground.folder.writePublic(paths.map((path) => ({ path, bytes: note })));
    await ground.folder.writePublic([{ path: 'time/99.note', bytes: Buffer.from('not read') }]);
    ground.log.marks.clear();
    for (const path of lost) {
      await rm(join(ground.directory, 'ledger', path), { recursive: true });
    }
    expect(await refusal(ground.parts())).toBe('ledger.log-does-not-extend');
  });

  it('is refused: a cut tail, under its own mark', async () => {
    await appendEvents(ground.store, 400);
    await sequenceOnce(ground.parts());
    const cut = new MemoryLog();
    cut.add(ground.log.all.slice(0, 399));
    for (const [name, mark] of ground.log.marks) cut.marks.set(name, mark);
    ground.openLog(cut);
    expect(await refusal()).toBe('ledger.log-does-not-extend');
  });

  it('is refused: one event changed at its end', async () => {
    await appendEvents(ground.store, 400);
    await sequenceOnce(ground.parts());
    const changed = new MemoryLog();
    const [last] = ground.log.all.slice(-1);
    if (!last) throw new InvariantBroken('there are events');
    changed.add([...ground.log.all.slice(0, -1), { ...last, data: canonicalJson({ note: 'x' }) }]);
    for (const [name, mark] of ground.log.marks) changed.marks.set(name, mark);
    ground.openLog(changed);
    expect(await refusal()).toBe('ledger.log-does-not-extend');
  });

  it('is refused: one event changed anywhere, when the folder is made again', async () => {
    await appendEvents(ground.store, 400);
    await sequenceOnce(ground.parts());
    const changed = new MemoryLog();
    changed.add(
      ground.log.all.map((event, at) =>
        at === 7 ? { ...event, data: canonicalJson({ note: 'x' }) } : event,
      ),
    );
    for (const [name, mark] of ground.log.marks) changed.marks.set(name, mark);
    ground.openLog(changed);
    await rm(join(ground.directory, 'ledger', 'tile'), { recursive: true });
    expect(await refusal()).toBe('ledger.log-does-not-extend');
  });
});

describe('two histories that were both signed', () => {
  it.each([
    [300, 300],
    [300, 200],
  ])('of sizes %d and %d are a fork, and nothing is signed', async (here, there) => {
    await appendEvents(ground.store, here);
    await sequenceOnce(ground.parts());
    const other = new LedgerGround();
    try {
      await writeFile(other.keyFile, await readFile(ground.keyFile), { mode: 0o600 });
      await appendEvents(other.store, there);
      const { note } = await sequenceOnce(other.parts());
      ground.outside.note = note;
      await appendEvents(ground.store, 10);
      expect(await refusal()).toBe('ledger.forked');
    } finally {
      other.remove();
    }
  });
});

describe('the key', () => {
  it('that signed last is asked for when it is gone', async () => {
    await appendEvents(ground.store, 3);
    await sequenceOnce(ground.parts());
    await rm(ground.keyFile);
    expect(await refusal()).toBe('ledger.key-missing');
  });

  it('of another signing is refused', async () => {
    await appendEvents(ground.store, 3);
    await sequenceOnce(ground.parts());
    const other = formatSignerKey(newSignerKey(ORIGIN, new Uint8Array(32).fill(7)));
    await writeFile(ground.keyFile, `${other}\n`, { mode: 0o600 });
    expect(await refusal()).toBe('ledger.key-changed');
  });

  it('of another log, or that others may read, or that is none, is not used', async () => {
    const other = formatSignerKey(newSignerKey('other.test', new Uint8Array(32).fill(7)));
    await writeFile(ground.keyFile, `${other}\n`, { mode: 0o600 });
    expect(await refusal()).toBe('ledger.key-unusable');
    await writeFile(ground.keyFile, 'nothing');
    expect(await refusal()).toBe('ledger.key-unusable');
    const own = formatSignerKey(newSignerKey(ORIGIN, new Uint8Array(32).fill(7)));
    await writeFile(ground.keyFile, `${own}\n`);
    await chmod(ground.keyFile, 0o640);
    expect(await refusal()).toBe('ledger.key-unusable');
    await chmod(ground.keyFile, 0o600);
    expect(await refusal()).toBeUndefined();
  });
});

describe('a checkpoint that nobody signed', () => {
  it.each(['folder', 'outside'])('in the %s is refused', async (place) => {
    await appendEvents(ground.store, 3);
    await sequenceOnce(ground.parts({ outside: ground.outside }));
    const note = (await ground.noteInFolder()) ?? '';
    const forged = note.replace('\n3\n', '\n4\n');
    expect(forged).not.toBe(note);
    if (place === 'outside') ground.outside.note = forged;
    else await writeFile(join(ground.directory, 'ledger', 'checkpoint'), forged);
    expect(await refusal()).toBe('ledger.checkpoint-malformed');
  });

  it('because the place outside is away, is not known: nothing is signed', async () => {
    await appendEvents(ground.store, 3);
    ground.outside.away = new LedgerError('ledger.outside-unavailable', 'away');
    expect(await refusal()).toBe('ledger.outside-unavailable');
    expect(await ground.noteInFolder()).toBeUndefined();
  });
});
