import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  createCosigners,
  CosignersRefused,
  parseAddCheckpoint,
  type Cosign,
  type CosignRound,
} from '#ledger/witness';
import {
  addSignatures,
  checkPolicy,
  cosign,
  formatVerifierKey,
  newSignerKey,
  parseNote,
  parsePolicy,
  parseVerifierKey,
  SIGNATURE_TYPES,
  verifierKeyOf,
} from '#merkle';
import { hashOf, witnessGround, type WitnessGround } from './witness-ground.js';
import { WitnessedLog } from './witnessed-log.js';

jest.setTimeout(60_000);

/** What the third witness of the policy does instead of cosigning. */
type Answering = (response: ServerResponse, body: Uint8Array) => void;

const NAMES = ['first', 'second', 'third'] as const;
const odd = newSignerKey('witness.test/odd', Buffer.alloc(32, 5), SIGNATURE_TYPES.cosignature);

let log: WitnessedLog;
let grounds: readonly WitnessGround[];
let oddServer: Server;
let answering: Answering;
let folder: string;
let rounds: CosignRound[];
let proved: bigint[];

beforeEach(async () => {
  log = new WitnessedLog('redress.test/cosigned');
  grounds = [witnessGround([log.vkey]), witnessGround([log.vkey])];
  for (const [index, ground] of grounds.entries()) {
    await ground.start({ name: `witness.test/${NAMES[index]}` });
  }
  oddServer = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answering(response, Buffer.concat(chunks)));
  });
  oddServer.listen(0, '127.0.0.1');
  await once(oddServer, 'listening');
  folder = mkdtempSync(join(tmpdir(), 'redress-cosigners-'));
  rounds = [];
  proved = [];
});

afterEach(async () => {
  oddServer.close();
  oddServer.closeAllConnections();
  for (const ground of grounds) await ground.remove();
  rmSync(folder, { recursive: true, force: true });
});

function addressOf({ port }: { readonly port: number }): string {
  return `http://127.0.0.1:${port}`;
}

/** Two of three: two true witnesses and the odd one. */
function policyText(): string {
  const { port } = oddServer.address() as AddressInfo;
  const [first, second] = grounds.map((ground) => ground.running());
  if (!first || !second) throw new Error('two witnesses run');
  return [
    `log ${log.vkey}`,
    `witness first ${first.vkey} ${addressOf(first)}`,
    `witness second ${second.vkey} ${addressOf(second)}/`,
    `witness third ${formatVerifierKey(verifierKeyOf(odd))} ${addressOf({ port })}`,
    'group all-three 2 first second third',
    'quorum all-three',
    '',
  ].join('\n');
}

function cosigners(policy = policyText(), timeoutMs = 30_000): Cosign {
  return createCosigners({
    policy: parsePolicy(policy),
    log: verifierKeyOf(log.key),
    sizesFile: join(folder, 'witnesses'),
    onRound: (round) => rounds.push(round),
    timeoutMs,
  });
}

function cosigned(by: Cosign, size: number): Promise<readonly string[]> {
  return by(log.note(size), (oldSize) => {
    proved.push(oldSize);
    return Promise.resolve(log.proof(Number(oldSize), size));
  });
}

function textIn(body: Uint8Array): string {
  return parseNote(parseAddCheckpoint(body)?.note ?? '').text;
}

const honest: Answering = (response, body) => {
  response.end(cosign(textIn(body), odd, 1_800_000_000n));
};

function missing(): readonly string[] {
  return rounds.at(-1)?.missing.map(({ witness, fault }) => `${witness} ${fault}`) ?? [];
}

describe('a round of all three', () => {
  it('gives lines that verify under the policy, and meet its quorum', async () => {
    answering = honest;
    const lines = await cosigned(cosigners(), 20);
    const note = addSignatures(log.note(20), lines.join(''));
    const checked = checkPolicy(parsePolicy(policyText()), note);
    expect(checked.cosigners.map(({ name }) => name)).toEqual([...NAMES]);
    expect(rounds).toEqual([{ size: 20n, cosigned: [...NAMES], missing: [], quorumMet: true }]);
  });

  it('leaves out who is on the note already', async () => {
    answering = (response) => response.destroy();
    const by = cosigners();
    const lines = await cosigned(by, 20);
    expect(lines).toHaveLength(2);
    answering = honest;
    const more = await by(addSignatures(log.note(20), lines.join('')), () => Promise.resolve([]));
    expect(more).toHaveLength(1);
    expect(more[0]).toContain(odd.name);
    const all = { size: 20n, cosigned: [...NAMES], missing: [], quorumMet: true };
    expect(rounds.at(-1)).toEqual(all);
  });

  it('is given up with its signal', async () => {
    const ending = new AbortController();
    answering = () => ending.abort();
    const round = cosigners()(log.note(20), () => Promise.resolve([]), ending.signal);
    await round;
    expect(missing()).toContain('third witness.unreachable');
  });

  it('proves from where each witness is, and asks each once', async () => {
    answering = honest;
    const asking = cosigners();
    await cosigned(asking, 20);
    expect(proved).toEqual([]);
    await cosigned(asking, 33);
    expect(missing()).toEqual([]);
    expect(proved).toEqual([20n, 20n, 20n]);
    await cosigned(asking, 33);
    expect(proved).toHaveLength(3);
    expect(rounds.map(({ cosigned: by }) => by.length)).toEqual([3, 3, 3]);
  });

  it('remembers where each is over a new start', async () => {
    answering = honest;
    await cosigned(cosigners(), 20);
    await cosigned(cosigners(), 33);
    expect(missing()).toEqual([]);
    expect(proved).toEqual([20n, 20n, 20n]);
  });

  it('needs what it remembers for nothing: the witness tells', async () => {
    answering = honest;
    await cosigned(cosigners(), 20);
    for (const lost of [
      '',
      'garbage\u0000',
      readFileSync(join(folder, 'witnesses'), 'utf8').replaceAll(' 20', ' 7'),
    ]) {
      writeFileSync(join(folder, 'witnesses'), lost);
      expect(await cosigned(cosigners(), 33)).toHaveLength(3);
    }
  });

  it('finds a witness again that somebody else has moved on', async () => {
    answering = honest;
    const asking = cosigners();
    await cosigned(asking, 20);
    await grounds[0]?.submit(log.request(20, 25));
    expect(await cosigned(asking, 33)).toHaveLength(3);
  });
});

describe('two of three', () => {
  const ways: readonly (readonly [string, string, Answering])[] = [
    ['is down', 'witness.unreachable', (response) => response.destroy()],
    ['refuses', 'witness.refused', (response) => response.writeHead(403).end('no\n')],
    ['answers garbage', 'witness.lying', (response) => response.end('<html></html>\n')],
    ['answers nothing', 'witness.lying', (response) => response.end()],
    [
      'cosigns another checkpoint',
      'witness.lying',
      (response) => response.end(cosign(parseNote(log.note(3)).text, odd, 1_800_000_000n)),
    ],
    [
      'cosigns without a time',
      'witness.lying',
      (response, body) => response.end(cosign(textIn(body), odd, 0n)),
    ],
    [
      'answers with a key that nobody named',
      'witness.lying',
      (response, body) => {
        const type = SIGNATURE_TYPES.cosignature;
        const stranger = newSignerKey(odd.name, Buffer.alloc(32, 6), type);
        response.end(cosign(textIn(body), stranger, 1_800_000_000n));
      },
    ],
    [
      'names a size for ever',
      'witness.refused',
      (response) => response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('5\n'),
    ],
    ['names no size', 'witness.lying', (response) => response.writeHead(409).end('many\n')],
    [
      'has cosigned more than there is',
      'witness.ahead',
      (response) => response.writeHead(409).end('21\n'),
    ],
    [
      'answers without end',
      'witness.unreachable',
      (response) => {
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(16_384, 'x')));
          response.once('drain', more);
        };
        more();
      },
    ],
  ];

  it.each(ways)('when the third %s: %s', async (_way, fault, answer) => {
    answering = answer;
    const lines = await cosigned(cosigners(), 20);
    expect(lines).toHaveLength(2);
    expect(missing()).toEqual([`third ${fault}`]);
    expect(rounds.at(-1)).toMatchObject({ cosigned: ['first', 'second'], quorumMet: true });
    const note = addSignatures(log.note(20), lines.join(''));
    expect(checkPolicy(parsePolicy(policyText()), note).quorumMet).toBe(true);
  });

  it('when the third is slow, which no round waits for longer than is said', async () => {
    const kept: ServerResponse[] = [];
    const bodies: Uint8Array[] = [];
    answering = (response, body) => {
      kept.push(response);
      bodies.push(body);
    };
    const asking = cosigners(policyText(), 1_000);
    expect(await cosigned(asking, 20)).toHaveLength(2);
    expect(missing()[0]).toMatch(/^third witness\.(?:slow|unreachable)$/);
    // It still has the first checkpoint only; then it comes back.
    answering = honest;
    expect(await cosigned(asking, 25)).toHaveLength(3);
    expect(bodies).toHaveLength(1);
  });

  it('when no proof can be made for one of them', async () => {
    answering = (response) => response.writeHead(409).end('9\n');
    const asking = cosigners();
    const lines = await asking(log.note(20), (oldSize) =>
      oldSize === 9n ? Promise.reject(new Error('tile gone')) : Promise.resolve([]),
    );
    expect(lines).toHaveLength(2);
    expect(missing()).toEqual(['third witness.not-asked']);
  });
});

describe('one of three', () => {
  it('misses the quorum, which is told, and its line is handed back', async () => {
    answering = (response) => response.destroy();
    const asking = cosigners();
    await grounds[1]?.stop();
    const lines = await cosigned(asking, 20);
    expect(lines).toHaveLength(1);
    expect(rounds.at(-1)).toMatchObject({ cosigned: ['first'], quorumMet: false });
    expect(missing()).toEqual(['second witness.unreachable', 'third witness.unreachable']);
  });
});

describe('a log that was rolled back', () => {
  it('is told by the witnesses that were ahead, and cosigned by none', async () => {
    answering = honest;
    await cosigned(cosigners(), 30);
    answering = (response) => response.writeHead(409).end('30\n');
    expect(await cosigned(cosigners(), 20)).toEqual([]);
    expect(missing()).toEqual(NAMES.map((name) => `${name} witness.ahead`));
  });

  it('is cosigned by none when it was rewritten, at any size', async () => {
    answering = honest;
    await cosigned(cosigners(), 30);
    const honestLog = log;
    log = honestLog.forkedAt(12);
    answering = (response) => response.destroy();
    for (const size of [30, 31, 64]) expect(await cosigned(cosigners(), size)).toEqual([]);
    log = honestLog;
    for (const ground of grounds) {
      const { text } = await ground.get(`/${hashOf(log.origin)}/checkpoint`);
      expect(text.startsWith(log.note(30))).toBe(true);
    }
  });
});

describe('a policy', () => {
  it('may name witnesses that nobody is to ask', async () => {
    answering = honest;
    const withoutUrl = policyText().replace(/^(witness third \S+) \S+$/m, '$1');
    expect(await cosigned(cosigners(withoutUrl), 20)).toHaveLength(2);
    expect(rounds.at(-1)).toMatchObject({ missing: [], quorumMet: true });
  });

  it('need not name the log itself', async () => {
    answering = honest;
    const withoutLog = policyText().replace(/^log .*\n/, '');
    expect(await cosigned(cosigners(withoutLog), 20)).toHaveLength(3);
    expect(rounds.at(-1)?.quorumMet).toBe(true);
    expect(parsePolicy(withoutLog).logs).toEqual([]);
  });

  it('is refused with an address at which nobody can be asked', () => {
    const file = policyText().replace(/http:\S+$/m, 'file:///etc/hostname');
    expect(() => cosigners(file)).toThrow(CosignersRefused);
    expect(parseVerifierKey(log.vkey).name).toBe(log.origin);
  });
});
