import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { StoreLocked } from '#event-store/port';
import { WitnessKeyRefused, WitnessStateDamaged } from '#ledger/witness';
import { hashOf, witnessGround, type WitnessGround } from './witness-ground.js';
import { WitnessedLog } from './witnessed-log.js';

jest.setTimeout(120_000);

let log: WitnessedLog;
let other: WitnessedLog;
let ground: WitnessGround;

beforeEach(async () => {
  log = new WitnessedLog('redress.test/state');
  other = new WitnessedLog('redress.test/other');
  ground = witnessGround([log.vkey, other.vkey]);
  await ground.start();
});

afterEach(() => ground.remove());

function path(...names: readonly string[]): string {
  return join(ground.folder, ...names);
}

function checkpointFile(of: WitnessedLog): string {
  return path('checkpoints', hashOf(of.origin));
}

async function cosignedBoth(): Promise<void> {
  expect(await ground.submit(log.request(0, 20))).toMatchObject({ status: 200 });
  expect(await ground.submit(other.request(0, 7))).toMatchObject({ status: 200 });
}

describe('what the witness remembers', () => {
  it('is there after a new start, and so is its key', async () => {
    const { vkey } = ground.running();
    await cosignedBoth();
    const served = await ground.get(`/${hashOf(log.origin)}/checkpoint`);
    await ground.stop();
    await ground.start();
    expect(ground.running().vkey).toBe(vkey);
    expect(await ground.get(`/${hashOf(log.origin)}/checkpoint`)).toEqual(served);
    expect(await ground.submit(log.request(0, 30))).toMatchObject({ status: 409, text: '20\n' });
    expect(await ground.submit(log.request(20, 30))).toMatchObject({ status: 200 });
  });

  it('is there for a log that is no longer trusted, and when it is again', async () => {
    await cosignedBoth();
    await ground.stop();
    await ground.start({ vkeys: [other.vkey] });
    expect(await ground.submit(log.request(20, 30))).toMatchObject({ status: 404 });
    expect(await ground.get(`/${hashOf(log.origin)}/checkpoint`)).toMatchObject({ status: 200 });
    await ground.stop();
    await ground.start();
    expect(await ground.submit(log.request(0, 30))).toMatchObject({ status: 409, text: '20\n' });
  });

  it('is refused at the start with any byte changed', async () => {
    await cosignedBoth();
    await ground.stop();
    for (const file of [checkpointFile(log), path('origins')]) {
      const right = readFileSync(file);
      for (let index = 0; index < right.length; index += 1) {
        const wrong = Buffer.from(right);
        wrong.writeUInt8(wrong.readUInt8(index) ^ 1, index);
        writeFileSync(file, wrong);
        await expect(ground.start()).rejects.toBeInstanceOf(WitnessStateDamaged);
        expect(readFileSync(file).equals(wrong)).toBe(true);
      }
      writeFileSync(file, right);
    }
    await ground.start();
  });

  it('is refused at the start when it is cut short, empty or gone', async () => {
    await cosignedBoth();
    await ground.stop();
    const file = checkpointFile(log);
    const right = readFileSync(file);
    for (const length of [0, 1, 64, 65, right.length - 1]) {
      writeFileSync(file, right.subarray(0, length));
      await expect(ground.start()).rejects.toBeInstanceOf(WitnessStateDamaged);
    }
    rmSync(file);
    await expect(ground.start()).rejects.toThrow(`checkpoints/${hashOf(log.origin)} is gone`);
  });

  it('is refused at the start when it is that of another log or another witness', async () => {
    await cosignedBoth();
    await ground.stop();
    const mine = readFileSync(checkpointFile(log));
    writeFileSync(checkpointFile(log), readFileSync(checkpointFile(other)));
    await expect(ground.start()).rejects.toThrow('another log');
    const neighbour = witnessGround([log.vkey]);
    await neighbour.start();
    await neighbour.submit(log.request(0, 3));
    await neighbour.stop();
    const theirs = readFileSync(join(neighbour.folder, 'checkpoints', hashOf(log.origin)));
    await neighbour.remove();
    writeFileSync(checkpointFile(log), theirs);
    await expect(ground.start()).rejects.toThrow('not cosigned with this key');
    writeFileSync(checkpointFile(log), mine);
    await ground.start();
  });

  it('is not cosigned from when somebody changes it under the running witness', async () => {
    await cosignedBoth();
    const at20 = readFileSync(checkpointFile(log));
    await ground.submit(log.request(20, 30));
    // As when a backup is put back: genuine, and older than what was cosigned.
    writeFileSync(checkpointFile(log), at20);
    expect(await ground.submit(log.request(20, 25))).toMatchObject({ status: 500 });
    expect(await ground.submit(log.request(30, 35))).toMatchObject({ status: 500 });
    rmSync(checkpointFile(log));
    expect(await ground.submit(log.request(0, 35))).toMatchObject({ status: 500 });
    expect(ground.faults).toHaveLength(3);
    expect(ground.faults.every((fault) => fault instanceof WitnessStateDamaged)).toBe(true);
    expect(await ground.submit(other.request(7, 8))).toMatchObject({ status: 200 });
  });

  it('leaves no file behind that a kill cut short', async () => {
    await cosignedBoth();
    await ground.stop();
    writeFileSync(`${checkpointFile(log)}.0000.new`, 'half');
    writeFileSync(path('origins.0000.new'), 'half');
    await ground.start();
    expect(readdirSync(path('checkpoints')).toSorted()).toEqual(
      [hashOf(log.origin), hashOf(other.origin)].toSorted(),
    );
    expect(readdirSync(ground.folder).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it('names a log again whose name was cut off by a kill', async () => {
    await ground.submit(log.request(0, 20));
    await ground.stop();
    // Killed between the first checkpoint of a log and its name in the list.
    rmSync(path('origins'));
    await ground.start();
    await ground.stop();
    rmSync(checkpointFile(log));
    await expect(ground.start()).rejects.toThrow('is gone');
  });
});

describe('the key', () => {
  it('is one line, of the owner alone', () => {
    expect(statSync(path('witness.key')).mode & 0o777).toBe(0o600);
    expect(readFileSync(path('witness.key'), 'utf8')).toMatch(
      /^PRIVATE\+KEY\+witness\.test\/w1\+[0-9a-f]{8}\+B[A-Za-z0-9+/]{43}\n$/,
    );
  });

  it('is not made anew beside what another key has cosigned', async () => {
    await cosignedBoth();
    await ground.stop();
    rmSync(path('witness.key'));
    await expect(ground.start()).rejects.toBeInstanceOf(WitnessStateDamaged);
    expect(readdirSync(ground.folder)).not.toContain('witness.key');
  });

  it('is refused when others may read it', async () => {
    await ground.stop();
    chmodSync(path('witness.key'), 0o640);
    await expect(ground.start()).rejects.toBeInstanceOf(WitnessKeyRefused);
  });

  it('is refused under another name, and a name that no key can have is refused', async () => {
    await ground.stop();
    await expect(ground.start({ name: 'witness.test/w2' })).rejects.toThrow('witness.test/w1');
    rmSync(path('witness.key'));
    for (const name of ['', 'two words', 'a+b', 'a\nb']) {
      await expect(ground.start({ name })).rejects.toBeInstanceOf(WitnessKeyRefused);
    }
  });

  it('is refused with any byte changed, without a word of it', async () => {
    await ground.stop();
    const right = readFileSync(path('witness.key'));
    // But for the newline: without it the key is still whole.
    for (let index = 0; index < right.length - 1; index += 1) {
      const wrong = Buffer.from(right);
      wrong.writeUInt8(wrong.readUInt8(index) ^ 1, index);
      writeFileSync(path('witness.key'), wrong);
      const starting = ground.start();
      await expect(starting).rejects.toBeInstanceOf(WitnessKeyRefused);
      await expect(starting).rejects.not.toThrow(right.toString().slice(-40, -1));
    }
  });
});

describe('the folder', () => {
  it('is for one witness: a second one is refused, and the first goes on', async () => {
    await ground.submit(log.request(0, 5));
    const first = ground.running();
    await expect(ground.start()).rejects.toBeInstanceOf(StoreLocked);
    expect(await ground.submit(log.request(5, 6))).toMatchObject({ status: 200 });
    await first.close();
    await ground.start();
    expect(await ground.submit(log.request(6, 7))).toMatchObject({ status: 200 });
  });

  it('is free again after a start that failed', async () => {
    await cosignedBoth();
    await ground.stop();
    const right = readFileSync(path('origins'));
    writeFileSync(path('origins'), 'x');
    await expect(ground.start()).rejects.toBeInstanceOf(WitnessStateDamaged);
    writeFileSync(path('origins'), right);
    await ground.start();
  });
});
