import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { PackFile } from '#evidence';
import {
  complaintHistory,
  samplePackFiles,
  samplePackZip,
  signedLedger,
  testSigner,
} from '#testing/evidence';
import { serverSuite } from '../servers/offered.js';
import { ScriptedServer } from './scripted-server.js';
import {
  pythonOffer,
  run,
  VERIFIER,
  verifiedByPython,
  VerifiersGround,
  type PythonVerdict,
} from './verifiers-ground.js';

jest.setTimeout(300_000);

/** The vkey of a public key that no signer made. */
function vkeyOf(name: string, publicKey: Uint8Array): string {
  const typed = Buffer.concat([Buffer.of(1), publicKey]);
  const id = createHash('sha256').update(`${name}\n`).update(typed).digest('hex').slice(0, 8);
  return `${name}+${id}+${typed.toString('base64')}`;
}

const whatsOf = ({ faults }: PythonVerdict) => faults.map(({ what }) => what);

serverSuite('verify.py beside what it is to judge', pythonOffer(), () => {
  const signer = testSigner();
  const events = complaintHistory({ events: 300, streams: 30 });
  const ledger = signedLedger({ events });
  const younger = signedLedger({ events: events.slice(0, 200) });
  const stream = events[2]?.stream ?? '';
  let ground: VerifiersGround;
  let files: readonly PackFile[];
  let policyFile: string;
  beforeAll(async () => {
    ground = new VerifiersGround();
    policyFile = ground.policyFor(signer);
    files = await samplePackFiles({ ledger, events, stream, earlier: [younger] });
  });
  afterAll(() => ground.remove());

  describe('on a folder with more in it', () => {
    const noteAt = (size: number, from = events) =>
      signedLedger({ events: from.slice(0, size) }).note;
    const folderWith = (name: string, files: Readonly<Record<string, string>>) => {
      const folder = ground.writeLedger(name, ledger);
      for (const [file, content] of Object.entries(files)) {
        ground.write(`${name}/${file}`, content);
      }
      return [folder, '--policy', policyFile];
    };

    it('takes what a server is about to write, or a note that waits for its token, for no fault', async () => {
      const folder = folderWith('legal', {
        'checkpoints/2026-01-01': noteAt(7),
        'checkpoints/2026-01-02.0f9d.new': '',
        'checkpoints/.DS_Store': 'x',
        'time/9.note': noteAt(9),
        'time/9.tsr.0f9d.new': '',
        cosigned: noteAt(0),
      });
      expect(await verifiedByPython(folder)).toMatchObject({ ok: true, times: [] });
    });

    const other = complaintHistory({ events: 50, streams: 5, seed: 'other' });
    it.each([
      ['checkpoints/2026-01-01', noteAt(50, other), 'checkpoint'],
      ['cosigned', noteAt(50, other), 'checkpoint'],
      ['cosigned', 'garbage', 'checkpoint'],
      ['time/50.note', noteAt(50, other), 'time-token'],
      ['time/7.tsr', 'a token', 'time-token'],
    ])('finds in %s what is of another history, or is none', async (file, content, what) => {
      const name = `more-${file.replace('/', '-')}-${content.length}`;
      const { faults } = await verifiedByPython(folderWith(name, { [file]: content }));
      expect(faults).toEqual([expect.objectContaining({ what })]);
      expect(faults[0]?.path).toContain(file.replace('.tsr', ''));
    });

    it('holds a log without entries, and a checkpoint from before the first', async () => {
      const empty = ground.writeLedger('empty', signedLedger({ events: [] }));
      const kept = ground.write('kept-empty', noteAt(0));
      for (const target of [empty, ground.writeLedger('ours', ledger)]) {
        const args = [target, '--policy', policyFile, '--kept', kept];
        expect(await verifiedByPython(args)).toMatchObject({ ok: true, faults: [] });
      }
    });
  });

  it('says what is not proved by what it was given', async () => {
    const folder = ground.writeLedger('ours', ledger);
    const pack = ground.write('pack.zip', samplePackZip(files));
    const said = async (...args: readonly string[]) =>
      (await verifiedByPython([...args, '--policy', policyFile])).notProved.join('; ');
    const kept = ['--kept', ground.write('kept', ledger.note)];
    const younger_ = ['--kept', ground.write('younger', younger.note)];
    const REWRITTEN = 'the whole log was not rewritten';
    expect(await said(folder)).toContain(REWRITTEN);
    expect(await said(folder, ...kept)).not.toContain('rewritten');
    expect(await said(folder, ...younger_)).toContain('after the first 200 entries');
    expect(await said(pack)).toMatch(new RegExp(`${REWRITTEN}.*no later event`));
    expect(await said(pack, ...kept)).toMatch(/^(?!.*rewritten).*no later event/);
  });

  it('lets no name in a pack command the terminal', async () => {
    const pack = Buffer.from(samplePackZip(files));
    for (let at = pack.indexOf('chronology'); at >= 0; at = pack.indexOf('chronology')) {
      pack.write('\u001b[2Jnology', at, 'latin1');
    }
    const path = ground.write('escape.zip', pack);
    const { status, out } = await run('python3', [VERIFIER, path, '--policy', policyFile]);
    expect([status, out]).toEqual([1, expect.stringContaining('\\x1b[2Jnology')]);
    expect(out).not.toContain('\u001b');
  });

  it('takes no key of low order, and no policy that is not one', async () => {
    const good = await readFile(ground.policyFor(signer), 'utf8');
    const bad: readonly string[] = [
      `log ${vkeyOf('weak.example/log', Buffer.alloc(32))}\nquorum none\n`,
      good.replace('quorum none\n', ''),
      'quorum none\n',
      '',
    ];
    const folder = ground.writeLedger('ours', ledger);
    const refusal = async (...args: readonly string[]) => {
      const { status, out, err } = await run('python3', [VERIFIER, folder, ...args]);
      expect([status, out]).toEqual([2, '']);
      return err;
    };
    for (const text of bad) {
      const file = ground.write('bad-policy', text);
      expect(await refusal('--policy', file)).toContain('bad-policy is not what it should be');
    }
    expect(await refusal('--vkey', 'nobody+00000000+AAAA')).toContain('--vkey is not');
    const none = ground.write('no-checkpoint', 'garbage');
    const trusted = ['--policy', ground.policyFor(signer)];
    expect(await refusal(...trusted, '--kept', none)).toContain('no-checkpoint is not');
  });
  it('sends its token nowhere else, and takes no half answer for a whole one', async () => {
    const elsewhere = await ScriptedServer.start();
    const house = await ScriptedServer.start((response) => {
      response.writeHead(302, { location: elsewhere.url }).end();
    });
    try {
      const args = ['LEDGER_TOKEN=a-token', 'python3', VERIFIER, house.url, '--policy', policyFile];
      expect((await run('env', args)).status).toBe(3);
      expect(house.asked[0]?.headers.authorization).toBe('Bearer a-token');
      expect(elsewhere.asked).toEqual([]);
      house.script = (response) => {
        response
          .writeHead(200, { 'content-length': 1_000 })
          .write('half', () => response.destroy());
      };
      expect((await run('env', args)).status).toBe(3);
    } finally {
      await house.stop();
      await elsewhere.stop();
    }
  });

  it('ends in its time on a bundle of a million empty entries', async () => {
    const folder = ground.copyWith(ground.writeLedger('million', ledger), 'tile/entries/000', () =>
      Buffer.alloc(2e6),
    );
    expect(whatsOf(await verifiedByPython([folder, '--policy', policyFile]))).toContain('entries');
  });
});
