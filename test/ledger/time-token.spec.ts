import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Randomness } from '#kernel';
import {
  requestTimeToken,
  TimeTokenNotVerified,
  verifyTimeToken,
  type TimeTokenToVerify,
} from '#ledger/witness';
import { serverSuite, type Offer } from '../servers/offered.js';
import { startTestAuthority, type TestAuthority } from './time-stamping.js';

jest.setTimeout(120_000);

const NOTE = Buffer.from('redress.test/time\n1000\nwQ2p…=\n\n— redress.test/time AAAA\n');
/** `SEQUENCE, version, imprint` up to the hash's first byte, as every request of ours has it. */
const HASH_START = 24;

class RealRandomness extends Randomness {
  override bytes(length: number): Uint8Array {
    return randomBytes(length);
  }
}

function offered(): Offer {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return { offered: true };
  } catch {
    return { missing: 'openssl is not installed' };
  }
}

/** The same bytes but for one bit. */
function flipped(bytes: Buffer, index: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(index) ^ 1, index);
  return copy;
}

serverSuite('time tokens of an authority (openssl ts)', offered(), () => {
  let authority: TestAuthority;

  beforeAll(async () => {
    authority = await startTestAuthority();
  });

  afterAll(() => authority.stop());

  afterEach(() => {
    authority.behaviour = {};
  });

  function request(timeoutMs = 60_000) {
    return requestTimeToken(NOTE, {
      url: authority.url,
      randomness: new RealRandomness(),
      timeoutMs,
    });
  }

  function verify(token: Uint8Array, changes: Partial<TimeTokenToVerify> = {}) {
    return verifyTimeToken({ note: NOTE, token, caFile: authority.rootFile, ...changes });
  }

  describe('that answers as it should', () => {
    it('gives a token over the note, which openssl verifies under its root', async () => {
      const before = Date.now();
      const { response, at } = await request();
      expect(authority.asked()).toBe('application/timestamp-query');
      // The token's time has whole seconds.
      expect(Date.parse(at)).toBeGreaterThan(before - 1_000);
      expect(Date.parse(at)).toBeLessThanOrEqual(Date.now());
      expect(await verify(response)).toBe('valid');
    });

    it('asks with another nonce each time', async () => {
      const queries: string[] = [];
      const behaviour = {
        request: (query: Buffer) => {
          queries.push(query.toString('hex'));
          return query;
        },
      };
      authority.behaviour = behaviour;
      await request();
      await request();
      expect(new Set(queries).size).toBe(2);
    });

    it('is not verified over another note, nor under another root', async () => {
      const { response } = await request();
      expect(await verify(response, { note: flipped(NOTE, 0) })).toBe('invalid');
      expect(await verify(response, { caFile: authority.otherRootFile })).toBe('invalid');
    });

    it('is not verified with a bit flipped in hash, time or signature', async () => {
      const { response } = await request();
      const token = Buffer.from(response);
      const hash = token.indexOf(Buffer.from('0420', 'hex')) + 2;
      const time = token.indexOf(Buffer.from('180f3230', 'hex')) + 10;
      for (const place of [hash, time, token.length - 5]) {
        expect(await verify(flipped(token, place))).toBe('invalid');
      }
      expect(await verify(token)).toBe('valid');
    });

    it('says it apart when the roots cannot be read', async () => {
      const { response } = await request();
      const verifying = verify(response, { caFile: `${authority.rootFile}.missing` });
      await expect(verifying).rejects.toBeInstanceOf(TimeTokenNotVerified);
    });

    it('says it apart where there is no openssl', async () => {
      const { response } = await request();
      expect(await verify(response, { openssl: 'no-such-openssl' })).toBe('no-openssl');
    });
  });

  describe('that does not', () => {
    it('is found when it stamps another hash', async () => {
      authority.behaviour = { request: (query) => flipped(query, HASH_START) };
      await expect(request()).rejects.toMatchObject({ code: 'time-token.not-ours' });
      await expect(request()).rejects.toThrow('another hash');
    });

    it('is found when it answers with another nonce, as a replayed answer has', async () => {
      // Before the last three bytes, which ask for the certificate, stands the nonce.
      authority.behaviour = { request: (query) => flipped(query, query.length - 4) };
      await expect(request()).rejects.toMatchObject({ code: 'time-token.not-ours' });
      await expect(request()).rejects.toThrow('nonce');
    });

    it('is found when it plays an earlier answer again', async () => {
      const { response } = await request();
      authority.behaviour = { answer: () => Buffer.from(response) };
      await expect(request()).rejects.toThrow('nonce');
    });

    it('is told when it refuses', async () => {
      authority.behaviour = { section: 'choosy' };
      await expect(request()).rejects.toMatchObject({
        code: 'time-token.refused',
        message: 'the time authority refused with status 2',
      });
    });

    it.each([
      ['garbage', (_reply: Buffer) => Buffer.from('<html>it works</html>')],
      ['nothing', (_reply: Buffer) => Buffer.alloc(0)],
      ['half', (reply: Buffer) => reply.subarray(0, reply.length / 2)],
      ['more than the answer', (reply: Buffer) => Buffer.concat([reply, Buffer.of(0)])],
    ])('is told when it answers %s', async (_what, answer) => {
      authority.behaviour = { answer };
      await expect(request()).rejects.toMatchObject({ code: 'time-token.malformed' });
    });

    it.each([
      ['is slow to begin', () => undefined, 300],
      [
        'is slow to end',
        (response: ServerResponse) => {
          response.writeHead(200).write('3');
        },
        300,
      ],
      [
        'never ends',
        (response: ServerResponse) => {
          response.writeHead(200);
          const more = () => {
            while (response.writable && response.write(Buffer.alloc(16_384)));
            response.once('drain', more);
          };
          more();
        },
        60_000,
      ],
      [
        'sends elsewhere',
        (response: ServerResponse) => {
          response.writeHead(307, { location: '/elsewhere' }).end();
        },
        60_000,
      ],
      [
        'is not there today',
        (response: ServerResponse) => {
          response.writeHead(503).end();
        },
        60_000,
      ],
      [
        'breaks off',
        (response: ServerResponse) => {
          response.destroy();
        },
        60_000,
      ],
    ])('is told when it %s, without its address', async (_what, respond, timeoutMs) => {
      authority.behaviour = { respond };
      const requesting = request(timeoutMs);
      await expect(requesting).rejects.toMatchObject({ code: 'time-token.unreachable' });
      await expect(requesting).rejects.not.toThrow('127.0.0.1');
    });

    it('is told when nobody listens', async () => {
      const requesting = requestTimeToken(NOTE, {
        url: 'http://127.0.0.1:1/',
        randomness: new RealRandomness(),
      });
      await expect(requesting).rejects.toMatchObject({ code: 'time-token.unreachable' });
    });
  });
});
