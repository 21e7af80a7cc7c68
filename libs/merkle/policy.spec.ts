import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkPolicy, policyOfLog } from './check-policy.js';
import { formatCheckpoint } from './checkpoint.js';
import { cosign } from './cosignature.js';
import { EMPTY_ROOT } from './hashing.js';
import type { SignerKey } from './keys.js';
import { formatVerifierKey, newSignerKey, verifierKeyOf } from './keys.js';
import { addSignatures, signNote } from './open-note.js';
import { parsePolicy } from './parse-policy.js';

const LOG = newSignerKey('example.com/log', new Uint8Array(32).fill(1));
const WITNESSES = Array.from({ length: 6 }, (_, at) =>
  newSignerKey(`w.example/${at}`, new Uint8Array(32).fill(10 + at), 4),
);
const [X1, X2, X3, Y1, Y2, Y3] = WITNESSES.map(vkey);
const L = vkey(LOG);
const NOTE = noteOf(LOG.name, LOG);

/** The example of C2SP tlog-policy, with keys. */
const EXAMPLE = `log ${L}

witness X1 ${X1}
witness X2 ${X2}
witness X3 ${X3}
group X-witnesses 2 X1 X2 X3

witness Y1 ${Y1}
witness Y2 ${Y2}
witness Y3 ${Y3}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`;

function vkey(key: SignerKey): string {
  return formatVerifierKey(verifierKeyOf(key));
}

function noteOf(origin: string, signer: SignerKey): string {
  return signNote(formatCheckpoint({ origin, size: 0n, root: EMPTY_ROOT, extensions: [] }), signer);
}

function cosigned(by: readonly number[]): string {
  const text = NOTE.slice(0, NOTE.lastIndexOf('\n\n') + 1);
  const lines = by.flatMap((at) => {
    const witness = WITNESSES[at];
    return witness === undefined ? [] : [cosign(text, witness, BigInt(100 + at))];
  });
  return lines.length === 0 ? NOTE : addSignatures(NOTE, lines.join(''));
}

function coded(code: string): Error {
  return expect.objectContaining({ name: 'MerkleError', code }) as unknown as Error;
}

describe('a policy', () => {
  it('of C2SP asks for two of the one and one of the other organisation', () => {
    const policy = parsePolicy(EXAMPLE);
    expect(policy.logs).toEqual([{ key: verifierKeyOf(LOG) }]);
    expect(policy.witnesses.map(({ name }) => name)).toEqual(['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3']);
    fc.assert(
      fc.property(fc.subarray([0, 1, 2, 3, 4, 5]), (by) => {
        const met = by.filter((at) => at < 3).length >= 2 && by.some((at) => at >= 3);
        const checked = checkPolicy(policy, cosigned(by));
        expect(checked.quorumMet).toBe(met);
        expect(checked.cosigners.map(({ unixSeconds }) => Number(unixSeconds) - 100)).toEqual(by);
      }),
      { numRuns: 64 },
    );
  });

  it('asks for k of n', () => {
    const lines = [X1, X2, X3, Y1].map((key, at) => `witness w${at} ${key}\n`).join('');
    for (const [count, wanted] of [
      ['any', 1],
      ['1', 1],
      ['3', 3],
      ['4', 4],
      ['all', 4],
    ] as const) {
      const policy = parsePolicy(`log ${L}\n${lines}group g ${count} w0 w1 w2 w3\nquorum g\n`);
      for (let by = 0; by <= 4; by += 1) {
        const note = cosigned([0, 1, 2, 3].slice(0, by));
        expect(checkPolicy(policy, note).quorumMet).toBe(by >= wanted);
      }
    }
  });

  it('asks for one witness, or for none', () => {
    const one = parsePolicy(`log ${L}\nwitness a ${X1}\nwitness b ${X2}\nquorum b\n`);
    expect(checkPolicy(one, cosigned([0])).quorumMet).toBe(false);
    expect(checkPolicy(one, cosigned([1])).quorumMet).toBe(true);
    const none = parsePolicy(`log ${L}\nwitness a ${X1}\nquorum none\n`);
    expect(checkPolicy(none, NOTE)).toMatchObject({ quorumMet: true, cosigners: [] });
    expect(checkPolicy(none, cosigned([0])).cosigners).toHaveLength(1);
    expect(parsePolicy('quorum none\n')).toEqual({
      logs: [],
      witnesses: [],
      quorum: { kind: 'none' },
    });
  });

  it('may hold blank lines, comments, tabs, any order of logs and witnesses, and URLs', () => {
    const policy = parsePolicy(
      [
        '# bücher \u2028',
        ' \t ',
        '\t# indented',
        `\twitness  \t W1\t${X1} \t https://w.example/bücher `,
        'quorum W1',
        `log ${L} https://log.example/#frag`,
        '',
      ].join('\n'),
    );
    expect(policy.witnesses).toMatchObject([{ name: 'W1', url: 'https://w.example/bücher' }]);
    expect(policy.logs).toMatchObject([{ url: 'https://log.example/#frag' }]);
  });

  it('takes names as octets', () => {
    const kelvin = `witness K ${X1}\nwitness \u212a ${X2}\nquorum \u212a\n`;
    expect(parsePolicy(kelvin).quorum).toMatchObject({ witness: { name: '\u212a' } });
    const latin = Buffer.concat([
      Buffer.from('witness '),
      Buffer.from([0xe9]),
      Buffer.from(` ${X1}\nwitness é ${X2}\nquorum é\n`),
    ]);
    const { witnesses, quorum } = parsePolicy(latin);
    expect(witnesses.map(({ name }) => name)).toEqual(['\\xE9', 'é']);
    expect(quorum).toMatchObject({ kind: 'witness', witness: { key: { name: 'w.example/1' } } });
    const separated = `witness a\u00a0b ${X1}\nquorum a\u00a0b\n`;
    expect(parsePolicy(separated).witnesses).toMatchObject([{ name: 'a\u00a0b' }]);
  });

  it('that shows two names alike still tells their witnesses apart', () => {
    const policy = parsePolicy(
      Buffer.concat([
        Buffer.from(`log ${L}\nwitness \\xE9 ${X1}\nwitness `),
        Buffer.from([0xe9]),
        Buffer.from(` ${X2}\nquorum \\xE9\n`),
      ]),
    );
    expect(checkPolicy(policy, cosigned([1])).quorumMet).toBe(false);
    expect(checkPolicy(policy, cosigned([0])).quorumMet).toBe(true);
  });

  it('holds at least 32 logs, witnesses and groups', () => {
    const many = Array.from({ length: 32 }, (_, at) => ({
      log: vkey(newSignerKey(`l${at}`, new Uint8Array(32).fill(50 + at))),
      witness: vkey(newSignerKey(`w${at}`, new Uint8Array(32).fill(100 + at), 4)),
    }));
    const text = many
      .map(
        ({ log, witness }, at) => `log ${log}\nwitness w${at} ${witness}\ngroup g${at} 1 w${at}\n`,
      )
      .join('');
    expect(parsePolicy(`${text}quorum g31\n`).logs).toHaveLength(32);
  });

  it.each([
    ['nothing', ''],
    ['no quorum', `log ${L}\n`],
    ['no final newline', `log ${L}\nquorum none`],
    ['no newline after a last comment', 'quorum none\n#'],
    ['two quorums', 'quorum none\nquorum none\n'],
    ['an unknown quorum', 'quorum a\n'],
    ['a quorum defined later', `quorum a\nwitness a ${X1}\n`],
    ['a quorum without a name', 'quorum\n'],
    ['a quorum of two names', `witness a ${X1}\nwitness b ${X2}\nquorum a b\n`],
    ['an unknown keyword', `logs ${L}\nquorum none\n`],
    ['a keyword in capitals', `LOG ${L}\nquorum none\n`],
    ['a comment after a definition', `log ${L} # ours\nquorum none\n`],
    ['a log without a key', 'log\nquorum none\n'],
    ['a log with too much', `log ${L} https://a b\nquorum none\n`],
    ['a witness without a key', 'witness a\nquorum none\n'],
    ['a witness with too much', `witness a ${X1} https://a b\nquorum none\n`],
    ["a witness's key for a log", `log ${X1}\nquorum none\n`],
    ["a log's key for a witness", `witness a ${L}\nquorum none\n`],
    ['a key that is none', `log ${L}x\nquorum none\n`],
    ['a log twice', `log ${L}\nlog ${L}\nquorum none\n`],
    ['a log twice under two names', `log ${L}\nlog ${renamed(LOG)}\nquorum none\n`],
    ['a witness twice', `witness a ${X1}\nwitness b ${X1}\nquorum none\n`],
    [
      'a witness twice under two names',
      `witness a ${X1}\nwitness b ${renamed(WITNESSES[0])}\nquorum none\n`,
    ],
    ['a name twice', `witness a ${X1}\nwitness a ${X2}\nquorum none\n`],
    ["a group with a witness's name", `witness a ${X1}\ngroup a 1 a\nquorum none\n`],
    ['a witness called none', `witness none ${X1}\nquorum none\n`],
    ['a group called none', `witness a ${X1}\ngroup none 1 a\nquorum none\n`],
    ['none as a member', `witness a ${X1}\ngroup g any a none\nquorum g\n`],
    ['an unknown member', `witness a ${X1}\ngroup g any a b\nquorum g\n`],
    ['a member defined later', `group g any a\nwitness a ${X1}\nquorum g\n`],
    ['a group in itself', `witness a ${X1}\ngroup g any a g\nquorum g\n`],
    ['a member twice', `witness a ${X1}\ngroup g any a a\nquorum g\n`],
    ['a member of two groups', `witness a ${X1}\ngroup g any a\ngroup h any a\nquorum h\n`],
    ['no members', `group g all\nquorum none\n`],
    ['no number', `group g\nquorum none\n`],
    ['none of the members', `witness a ${X1}\ngroup g 0 a\nquorum g\n`],
    ['more than the members', `witness a ${X1}\ngroup g 2 a\nquorum g\n`],
    ['a number with a leading zero', `witness a ${X1}\ngroup g 01 a\nquorum g\n`],
    ['a number with a sign', `witness a ${X1}\ngroup g +1 a\nquorum g\n`],
    ['a word for a number', `witness a ${X1}\ngroup g ALL a\nquorum g\n`],
    ['a carriage return', 'quorum none\r\n'],
    ['a form feed', '\fquorum none\n'],
    ['a zero in a comment', '# \u0000\nquorum none\n'],
    ['a delete in a comment', '# \u007f\nquorum none\n'],
    ['more than a million bytes', `#${'a'.repeat(1_000_000)}\nquorum none\n`],
    ['too many definitions', `${groups(1_000)}quorum none\n`],
  ])('with %s is refused', (_, text) => {
    expect(() => parsePolicy(text)).toThrow(coded('policy.malformed'));
    expect(() => parsePolicy(Buffer.from(text))).toThrow(coded('policy.malformed'));
  });

  it('holds no control character but tabs and newlines, not even in a comment', () => {
    for (let code = 0; code < 0x80; code += 1) {
      const text = `# a${String.fromCharCode(code)}\nquorum none\n`;
      const isRefused = (code < 0x20 && code !== 0x09 && code !== 0x0a) || code === 0x7f;
      if (isRefused) expect(() => parsePolicy(text)).toThrow(coded('policy.malformed'));
      else expect(parsePolicy(text).quorum).toEqual({ kind: 'none' });
    }
  });

  it('shows octets that are not UTF-8 one by one', () => {
    for (const octet of [0x80, 0xa9, 0xff]) {
      const name = Buffer.of(0x7e, octet, octet);
      const key = Buffer.from(` ${X1}\nquorum none\n`);
      const policy = parsePolicy(Buffer.concat([Buffer.from('witness '), name, key]));
      const shown = `\\x${octet.toString(16).toUpperCase()}`;
      expect(policy.witnesses.map(({ name }) => name)).toEqual([`~${shown}${shown}`]);
    }
  });

  it('is no text that UTF-8 cannot hold', () => {
    expect(() => parsePolicy('# \ud800\nquorum none\n')).toThrow(coded('policy.malformed'));
  });

  it.each([
    ['an unknown keyword', 'logs\n'],
    ['a log without a key', 'log\n'],
    ['a refused key', 'log x\n'],
    ['a key of the wrong type', `log ${X1}\n`],
    ['a key twice', `log ${L}\n`],
    ['a witness without a key', 'witness a\n'],
    ["a log's key for a witness", `witness a ${L}\n`],
    ['a witness twice', `witness a ${Y1}\n`],
    ['a name twice', `witness Y ${X1}\n`],
    ['a name that is taken for a group', 'group Y any Y\n'],
    ['no members', 'group g all\n'],
    ['a member that is not there', 'group g all a\n'],
    ['an unknown quorum', 'quorum a\n'],
    ['a quorum of two names', 'quorum a b\n'],
  ])('tells the line of %s', (_, line) => {
    const text = `#first\nlog ${L}\nwitness Y ${Y1}\n${line}quorum none\n`;
    expect(() => parsePolicy(text)).toThrow(/^line 4: /);
  });

  it('has at most a million bytes and a thousand definitions', () => {
    const end = 'quorum none\n';
    const longest = `#${'a'.repeat(1_000_000 - end.length - 2)}\n${end}`;
    expect(parsePolicy(longest).quorum).toEqual({ kind: 'none' });
    expect(() => parsePolicy(`#${longest}`)).toThrow(coded('policy.malformed'));
    const most = `log ${L}\n${groups(998)}`;
    expect(parsePolicy(`${most}quorum g998\n`).quorum).toMatchObject({ kind: 'group' });
    expect(() => parsePolicy(`${most}group g 1 g998\nquorum g\n`)).toThrow(
      coded('policy.malformed'),
    );
  });

  it('tells why it refused a key', () => {
    const weak = 'a+00000000+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    expect(() => parsePolicy(`log ${weak}\nquorum none\n`)).toThrow(
      expect.objectContaining({ cause: coded('key.low-order') }),
    );
    const octets = Buffer.concat([
      Buffer.from('log '),
      Buffer.of(0xff),
      Buffer.from('\nquorum none\n'),
    ]);
    expect(() => parsePolicy(octets)).toThrow(
      expect.objectContaining({ cause: coded('key.malformed') }),
    );
  });

  function renamed(key: SignerKey | undefined): string {
    return vkey(newSignerKey('renamed', key?.seed ?? new Uint8Array(32), key?.type ?? 1));
  }

  /** A witness, and groups of one member, each of the one before it. */
  function groups(count: number): string {
    const lines = Array.from({ length: count }, (_, at) => `group g${at + 1} 1 g${at}\n`);
    return `witness g0 ${X1}\n${lines.join('')}`;
  }
});

describe('checking a checkpoint against a policy', () => {
  it('tells the log and its checkpoint', () => {
    const checked = checkPolicy(policyOfLog(verifierKeyOf(LOG)), Buffer.from(NOTE));
    expect(checked).toEqual({
      log: verifierKeyOf(LOG),
      checkpoint: { origin: LOG.name, size: 0n, root: EMPTY_ROOT, extensions: [] },
      cosigners: [],
      quorumMet: true,
    });
  });

  it('refuses what no log of the policy has signed', () => {
    const other = newSignerKey('example.com/other', new Uint8Array(32).fill(2));
    const policy = policyOfLog(verifierKeyOf(LOG));
    expect(() => checkPolicy(policy, noteOf(other.name, other))).toThrow(coded('note.unsigned'));
    const witnessed = parsePolicy(`log ${vkey(other)}\nwitness a ${X1}\nquorum a\n`);
    expect(() => checkPolicy(witnessed, cosigned([0]))).toThrow(coded('policy.log-unknown'));
  });

  it('refuses a checkpoint of another origin, though a log of the policy signed it', () => {
    const other = newSignerKey('example.com/other', new Uint8Array(32).fill(2));
    const policy = parsePolicy(`log ${L}\nlog ${vkey(other)}\nquorum none\n`);
    expect(() => checkPolicy(policy, noteOf('example.com/log', other))).toThrow(
      coded('policy.log-unknown'),
    );
    expect(checkPolicy(policy, noteOf(other.name, other)).log.name).toBe(other.name);
  });

  it('refuses a cosignature of a known witness that fails', () => {
    const policy = parsePolicy(`log ${L}\nwitness a ${X1}\nquorum none\n`);
    const wrong = cosigned([0]).replace(/.{4}\n$/, (end) => `${end === 'AAA=\n' ? 'B' : 'A'}AA=\n`);
    expect(() => checkPolicy(policy, wrong)).toThrow(coded('note.signature-invalid'));
  });

  it('takes the latest time of a witness that cosigned twice', () => {
    const policy = parsePolicy(`log ${L}\nwitness a ${X1}\nquorum a\n`);
    const [witness] = WITNESSES;
    if (!witness) throw new Error('there is a witness');
    const text = NOTE.slice(0, NOTE.lastIndexOf('\n\n') + 1);
    const lines = [7n, 9n, 8n].map((time) => cosign(text, witness, time)).join('');
    expect(checkPolicy(policy, addSignatures(NOTE, lines)).cosigners).toMatchObject([
      { name: 'a', unixSeconds: 9n },
    ]);
  });
});
