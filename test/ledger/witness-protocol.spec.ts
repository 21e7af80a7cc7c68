import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { formatAddCheckpoint } from '#ledger/witness';
import {
  addSignatures,
  formatVerifierKey,
  newSignerKey,
  openCheckpoint,
  parseNote,
  parseVerifierKey,
  signNote,
  verifierKeyOf,
} from '#merkle';
import { hashOf, opened, witnessGround, type WitnessGround } from './witness-ground.js';
import { WitnessedLog } from './witnessed-log.js';

let log: WitnessedLog;
let other: WitnessedLog;
let ground: WitnessGround;

beforeEach(async () => {
  log = new WitnessedLog('redress.test/one');
  other = new WitnessedLog('redress.test/other');
  ground = witnessGround([log.vkey, other.vkey]);
  await ground.start();
});

afterEach(async () => {
  await ground.remove();
  // Whatever was asked, the witness itself was never at a loss.
  expect(ground.faults).toEqual([]);
});

/** The request for a note that is not as the log would send it. */
function requestWith(
  note: string,
  { oldSize = 0n, proof = [] }: { oldSize?: bigint; proof?: readonly Uint8Array[] } = {},
): string {
  return formatAddCheckpoint({ oldSize, proof: proof.map((hash) => Buffer.from(hash)), note });
}

describe('200: what extends the last checkpoint', () => {
  it('is cosigned with the time of now, under the key that /vkey tells', async () => {
    const answer = await ground.submit(log.request(0, 5));
    expect(answer).toMatchObject({ status: 200, mediaType: 'text/plain; charset=utf-8' });
    const { text: vkey } = await ground.get('/vkey');
    expect(vkey).toBe(`${ground.running().vkey}\n`);
    expect(parseVerifierKey(vkey.trimEnd())).toMatchObject({ name: 'witness.test/w1', type: 4 });
    const { cosigned, checkpoint } = opened(log.note(5), answer.text, vkey.trimEnd());
    expect(cosigned.map(({ unixSeconds }) => unixSeconds)).toEqual([
      BigInt(ground.clock.millis / 1_000),
    ]);
    expect(checkpoint.size).toBe(5n);
  });

  it('goes on from any size to any other', async () => {
    let from = 0;
    for (const to of [1, 2, 3, 4, 7, 8, 8, 9, 31, 64, 65, 128, 255, 300]) {
      expect(await ground.submit(log.request(from, to))).toMatchObject({ status: 200 });
      from = to;
    }
  });

  it('begins with the empty tree as well', async () => {
    expect(await ground.submit(log.request(0, 0))).toMatchObject({ status: 200 });
    const { text } = await ground.get(`/${hashOf(log.origin)}/checkpoint`);
    expect(text).toContain(`${log.origin}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n`);
    expect(await ground.submit(log.request(0, 3))).toMatchObject({ status: 200 });
  });

  it('is cosigned anew when it is the last one itself, with the time of then', async () => {
    await ground.submit(log.request(0, 5));
    ground.clock.millis += 60_000;
    const { status, text } = await ground.submit(log.request(5, 5));
    expect(status).toBe(200);
    const { cosigned } = opened(log.note(5), text, ground.running().vkey);
    expect(cosigned[0]?.unixSeconds).toBe(BigInt(ground.clock.millis / 1_000));
  });

  it('is never cosigned with a time before the last cosignature, also after a new start', async () => {
    const before = BigInt(ground.clock.millis / 1_000);
    await ground.submit(log.request(0, 5));
    ground.clock.millis -= 3_600_000;
    await ground.stop();
    await ground.start();
    const { text } = await ground.submit(log.request(5, 6));
    const { cosigned } = opened(log.note(6), text, ground.running().vkey);
    expect(cosigned[0]?.unixSeconds).toBe(before);
  });

  it('is each log by itself', async () => {
    expect(await ground.submit(log.request(0, 5))).toMatchObject({ status: 200 });
    expect(await ground.submit(other.request(0, 2))).toMatchObject({ status: 200 });
    expect(await ground.submit(log.request(5, 6))).toMatchObject({ status: 200 });
  });

  it('covers extension lines, though it vouches for the tree only', async () => {
    const note = log.note(4, ['build 7']);
    const { status, text } = await ground.submit(requestWith(note));
    expect(status).toBe(200);
    expect(opened(note, text, ground.running().vkey).checkpoint.extensions).toEqual(['build 7']);
  });

  it('may carry signatures of others, which are neither looked at nor kept', async () => {
    const stranger = signNote(
      parseNote(log.note(3)).text,
      newSignerKey('x.test', Buffer.alloc(32, 9)),
    );
    const [, line = ''] = stranger.split('\n\n');
    expect(await ground.submit(requestWith(addSignatures(log.note(3), line)))).toMatchObject({
      status: 200,
    });
    const { text } = await ground.get(`/${hashOf(log.origin)}/checkpoint`);
    expect(parseNote(text).signatures.map(({ name }) => name)).toEqual([
      log.origin,
      'witness.test/w1',
    ]);
  });

  it('may be signed with any of the keys that a log has', async () => {
    const newer = newSignerKey(log.origin, Buffer.alloc(32, 3));
    await ground.stop();
    await ground.start({ vkeys: [log.vkey, formatVerifierKey(verifierKeyOf(newer))] });
    expect(await ground.submit(log.request(0, 4))).toMatchObject({ status: 200 });
    const note = signNote(parseNote(log.note(6)).text, newer);
    const proof = log.proof(4, 6);
    expect(await ground.submit(requestWith(note, { oldSize: 4n, proof }))).toMatchObject({
      status: 200,
    });
  });
});

describe('400: what is no request', () => {
  it.each([
    ['nothing', () => ''],
    ['no checkpoint', () => 'old 0\n\n'],
    ['a note that is no checkpoint', () => requestWith(signNote('hello\n', log.key))],
    ['a checkpoint without signatures', () => requestWith(parseNote(log.note(1)).text)],
    [
      '64 hashes',
      () => requestWith(log.note(70), { oldSize: 1n, proof: Array(64).fill(log.root(1)) }),
    ],
    ['an old size over the new one', () => requestWith(log.note(3), { oldSize: 4n })],
    ['no newline at its end', () => log.request(0, 3).slice(0, -1)],
    ['something behind', () => `${log.request(0, 3)}more`],
  ])('as %s', async (_what, body) => {
    expect(await ground.submit(body())).toMatchObject({ status: 400 });
    expect(await ground.get(`/${hashOf(log.origin)}/checkpoint`)).toMatchObject({ status: 404 });
  });
});

describe('403: what the log has not signed', () => {
  const forger = newSignerKey('redress.test/one', Buffer.alloc(32, 1));

  it('as by another key of its name', async () => {
    const note = signNote(parseNote(log.note(3)).text, forger);
    expect(await ground.submit(requestWith(note))).toMatchObject({ status: 403 });
  });

  it('as by another log that is trusted here', async () => {
    const note = signNote(parseNote(log.note(3)).text, other.key);
    expect(await ground.submit(requestWith(note))).toMatchObject({ status: 403 });
  });

  it('as with a signature that is over another text', async () => {
    const [, lines = ''] = log.note(4).split('\n\n');
    const note = `${parseNote(log.note(3)).text}\n${lines}`;
    expect(await ground.submit(requestWith(note))).toMatchObject({ status: 403 });
  });

  it('as with one signature right and one of a known key wrong', async () => {
    const newer = newSignerKey(log.origin, Buffer.alloc(32, 3));
    await ground.stop();
    await ground.start({ vkeys: [log.vkey, formatVerifierKey(verifierKeyOf(newer))] });
    const [, wrong = ''] = signNote(parseNote(log.note(4)).text, newer).split('\n\n');
    const note = addSignatures(log.note(3), wrong);
    expect(await ground.submit(requestWith(note))).toMatchObject({ status: 403 });
  });

  it('also when it could not be cosigned for further reasons', async () => {
    const note = signNote(parseNote(log.note(3)).text, forger);
    expect(await ground.submit(requestWith(note, { oldSize: 9n }))).toMatchObject({ status: 403 });
  });
});

describe('404: what is not known here', () => {
  it('as a log that nobody named', async () => {
    const stranger = new WitnessedLog('redress.test/stranger');
    expect(await ground.submit(stranger.request(0, 3))).toMatchObject({ status: 404 });
  });

  it.each(['/', '/add-checkpoint/', '/0/checkpoint', `/${'A'.repeat(64)}/checkpoint`, '/vkey/'])(
    'as %s',
    async (path) => {
      expect(await ground.get(path)).toMatchObject({ status: 404 });
    },
  );
});

describe('409: what starts from another size', () => {
  it('is told the size, as a line of its own media type', async () => {
    await ground.submit(log.request(0, 20));
    for (const from of [0, 1, 19]) {
      expect(await ground.submit(log.request(from, 30))).toEqual({
        status: 409,
        mediaType: 'text/x.tlog.size',
        text: '20\n',
      });
    }
    expect(await ground.submit(log.request(25, 30))).toMatchObject({ status: 409, text: '20\n' });
  });

  it('is told 0 for a log that was never cosigned', async () => {
    expect(await ground.submit(log.request(3, 5))).toMatchObject({ status: 409, text: '0\n' });
  });

  it('is what an older checkpoint meets, whatever proof comes with it', async () => {
    await ground.submit(log.request(0, 20));
    expect(await ground.submit(log.request(10, 15))).toMatchObject({ status: 409, text: '20\n' });
  });
});

describe('422: what is not proved to extend the last checkpoint', () => {
  beforeEach(async () => {
    await ground.submit(log.request(0, 20));
  });

  it.each([
    ['no proof', () => []],
    ['the proof of another size', () => log.proof(19, 30)],
    ['a hash too few', () => log.proof(20, 30).slice(1)],
    ['a hash too many', () => [...log.proof(20, 30), log.root(1)]],
    ['two hashes exchanged', () => log.proof(20, 30).toReversed()],
  ])('as with %s', async (_what, proof) => {
    const body = requestWith(log.note(30), { oldSize: 20n, proof: proof() });
    expect(await ground.submit(body)).toMatchObject({ status: 422 });
    const { text } = await ground.get(`/${hashOf(log.origin)}/checkpoint`);
    expect(text).toContain('\n20\n');
  });

  it('as with a proof where none is needed', async () => {
    const proof = [log.root(1)];
    const again = requestWith(log.note(20), { oldSize: 20n, proof });
    expect(await ground.submit(again)).toMatchObject({ status: 422 });
    const first = requestWith(other.note(3), { proof });
    expect(await ground.submit(first)).toMatchObject({ status: 422 });
  });

  it('as the empty tree with a root that it has not', async () => {
    const note = signNote(`${other.origin}\n0\n${other.root(1).toString('base64')}\n`, other.key);
    expect(await ground.submit(requestWith(note))).toMatchObject({ status: 422 });
  });
});

describe('the last checkpoint', () => {
  it('is served with the signatures of log and witness, under the hash of its origin', async () => {
    await ground.submit(log.request(0, 5));
    const { text: lines } = await ground.submit(log.request(5, 9));
    const answer = await ground.get(`/${hashOf(log.origin)}/checkpoint`);
    expect(answer).toEqual({
      status: 200,
      mediaType: 'text/plain; charset=utf-8',
      text: `${log.note(9)}${lines}`,
    });
    const keys = [log.vkey, ground.running().vkey].map((vkey) => parseVerifierKey(vkey));
    expect(openCheckpoint(answer.text, keys).verified).toHaveLength(2);
  });

  it('is nowhere before the first', async () => {
    expect(await ground.get(`/${hashOf(log.origin)}/checkpoint`)).toMatchObject({ status: 404 });
  });

  it('is told of by HEAD without its body', async () => {
    await ground.submit(log.request(0, 5));
    const answer = await ground.get(`/${hashOf(log.origin)}/checkpoint`, 'HEAD');
    expect(answer).toMatchObject({ status: 200, text: '' });
  });
});

describe('the door', () => {
  it.each([
    ['GET', '/add-checkpoint'],
    ['PUT', '/add-checkpoint'],
    ['POST', '/vkey'],
    ['DELETE', `/${'0'.repeat(64)}/checkpoint`],
  ])('does not take %s at %s', async (method, path) => {
    expect(await ground.get(path, method)).toMatchObject({ status: 405 });
  });

  it('reads no more than a request can have', async () => {
    const { host, port } = ground.running();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const posting = request({ host, port, path: '/add-checkpoint', method: 'POST' });
      posting.on('response', (response) => {
        resolve(response.statusCode);
        posting.destroy();
      });
      posting.on('error', reject);
      // Never ended: what answers has not waited for the rest.
      posting.write(Buffer.alloc(131_073, 'x'));
    });
    expect(status).toBe(413);
  });
});
