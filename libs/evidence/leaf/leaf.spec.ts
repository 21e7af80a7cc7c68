import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '#kernel';
import type { EventRecord } from '../event-record.js';
import { documentHashesOf } from './documents.js';
import { leafEntryOf, leafOf, leafSaltOf, leafText, parseLeaf } from './leaf.js';
import { parsePayload, payloadOf } from './payload.js';

const PLACE = { origin: 'redress.example/test', index: 7 };
const SALT = 'AAECAwQFBgcICQoLDA0ODw';

const metadata = (more: object = {}): string =>
  canonicalJson({
    v: 1,
    actor: { id: 'u-1', role: 'case-handler', via: 'http' },
    recordedAt: '2026-01-02T03:04:05.678Z',
    commandId: '00000000-0000-5000-8000-000000000001',
    correlationId: 'corr',
    schemaVersion: 3,
    salt: SALT,
    $correlationId: 'corr',
    ...more,
  });

const event = (more: Partial<EventRecord> = {}): EventRecord => ({
  id: '0f0e0d0c-0b0a-5908-8706-050403020100',
  stream: 'complaint-1',
  revision: 2,
  type: 'ComplaintClosed',
  data: '{"a":1}',
  metadata: metadata(),
  ...more,
});

const hexOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

describe('the leaf record', () => {
  it('is canonical JSON of exactly the decided members', () => {
    const { data, metadata: stored } = event();
    const salt = createHash('sha256').update(`redress leaf salt v1\n${SALT}`).digest();
    expect(textOf(leafEntryOf(event(), PLACE))).toBe(
      canonicalJson({
        v: 1,
        type: 'ComplaintClosed',
        stream: 'complaint-1',
        schemaVersion: 3,
        salt: salt.subarray(0, 16).toString('base64url'),
        revision: 2,
        recordedAt: '2026-01-02T03:04:05.678Z',
        payloadSha256: hexOf(`{"data":${data},"metadata":${stored}}`),
        origin: 'redress.example/test',
        index: 7,
        id: '0f0e0d0c-0b0a-5908-8706-050403020100',
        documents: [],
        correlationId: 'corr',
        actor: 'u-1',
      }),
    );
  });

  it('never shows the salt that blinds the payload', () => {
    expect(textOf(leafEntryOf(event(), PLACE))).not.toContain(SALT);
    expect(leafSaltOf(SALT)).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });

  it('names its cause when there is one', () => {
    const caused = event({ metadata: metadata({ causationId: 'because' }) });
    expect(leafOf(caused, PLACE).causationId).toBe('because');
    expect(textOf(leafEntryOf(caused, PLACE))).toContain('"causationId":"because",');
  });

  it('survives being written and read, whatever the texts are', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 });
    fc.assert(
      fc.property(text, text, text, fc.nat(), (actor, stream, type, index) => {
        const written = event({
          stream,
          type,
          metadata: metadata({ actor: { id: actor, role: 'r', via: 'v' } }),
        });
        const entry = leafEntryOf(written, { origin: 'o', index });
        const leaf = parseLeaf(entry);
        expect(leaf).toEqual(leafOf(written, { origin: 'o', index }));
        expect(canonicalJson(leaf)).toBe(textOf(entry));
      }),
    );
  });

  it('is refused when it is not written in the one way', () => {
    const entry = textOf(leafEntryOf(event(), PLACE));
    const strange = [
      entry.replace('{', '{ '),
      entry.replace('"index":7', '"index":7.0'),
      entry.replace('"index":7', '"index":-7'),
      entry.replace('"index":7', '"index":"7"'),
      entry.replace('"v":1', '"v":2'),
      entry.replace('"v":1', '"v":1,"w":1'),
      entry.replace('"documents":[]', '"documents":["ab"]'),
      entry.replace('"actor":"u-1",', ''),
      entry.replace('"actor":"u-1"', '"actor":"\\u0075-1"'),
      `${entry} `,
      `\ufeff${entry}`,
      '[]',
      'null',
      '',
    ];
    for (const text of strange) {
      expect(() => parseLeaf(Buffer.from(text))).toThrow(
        expect.objectContaining({ code: 'leaf.malformed' }),
      );
    }
    const notUtf8 = Buffer.concat([Buffer.from(entry), Buffer.from([0xff])]);
    expect(() => parseLeaf(notUtf8)).toThrow(expect.objectContaining({ code: 'leaf.malformed' }));
  });

  it('is refused of an event without the metadata that all carry', () => {
    for (const broken of ['{}', '[]', 'x', metadata({ salt: 1 }), metadata({ actor: {} })]) {
      expect(() => leafEntryOf(event({ metadata: broken }), PLACE)).toThrow(
        expect.objectContaining({ code: 'event.malformed' }),
      );
    }
    expect(() => leafEntryOf(event({ type: 'x'.repeat(70_000) }), PLACE)).toThrow(
      expect.objectContaining({ code: 'leaf.too-large' }),
    );
  });

  it('differs for events that differ in anything', () => {
    const all = [
      event(),
      event({ id: '1f0e0d0c-0b0a-5908-8706-050403020100' }),
      event({ stream: 'complaint-2' }),
      event({ revision: 3 }),
      event({ type: 'ComplaintLodged' }),
      event({ data: '{"a":2}' }),
      event({ metadata: metadata({ reason: 'x' }) }),
    ].map((one) => leafText(leafOf(one, PLACE)));
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('documents of an event', () => {
  const naive = (value: unknown, found: string[] = []): readonly string[] => {
    if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) {
        const isNamed = !Array.isArray(value) && ['sha256', 'contentSha256'].includes(key);
        if (isNamed && typeof member === 'string' && /^[0-9a-f]{64}$/.test(member)) {
          found.push(member);
        }
        naive(member, found);
      }
    }
    return found;
  };

  const key = fc.oneof(
    fc.constantFrom('sha256', 'contentSha256', 'rowSha256', 'xsha256', 'a"sha256', 'a,"sha256'),
    fc.string().map((text) => `k${text}Sha256`),
  );
  const value = fc.oneof(
    fc.string().map((text) => hexOf(text)),
    fc.string().map((text) => hexOf(text).toUpperCase()),
    fc.constant(`,"sha256":"${hexOf('x')}"`),
    fc.constant(`Sha256":"${hexOf('y')}`),
    fc.constant('aSha256'),
    fc.integer(),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      value,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
    ),
  }));

  it('are no rows of a public file, whose hash would tell what a withheld event says', () => {
    const hashed = hexOf('x');
    expect(documentHashesOf(`{"source":{"rowSha256":"${hashed}"}}`)).toEqual([]);
    expect(documentHashesOf(`{"contentSha256":"${hashed}"}`)).toEqual([hashed]);
  });

  it('are the same that a walk through the parsed data finds', () => {
    fc.assert(
      fc.property(tree, (data) => {
        let text: string;
        try {
          text = canonicalJson({ data });
        } catch {
          fc.pre(false);
          return;
        }
        expect(documentHashesOf(text)).toEqual([...new Set(naive(JSON.parse(text)))].toSorted());
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the payload', () => {
  it('gives back data and metadata byte for byte', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().map((text) => `k${text}`),
          fc.jsonValue(),
        ),
        (data) => {
          let text: string;
          try {
            text = canonicalJson(data);
          } catch {
            fc.pre(false);
            return;
          }
          const stored = { data: text, metadata: metadata({ reason: text }) };
          expect(parsePayload(payloadOf(stored))).toEqual(stored);
        },
      ),
    );
  });

  it('is refused in any other shape', () => {
    const strange = [
      '',
      '{"data":{}}',
      '{"data":{},"metadata":{}',
      '{"data":{},"metadata":[]}',
      '{"data":1,"metadata":{}}',
      '{"data":{"a":"}","metadata":{}}',
      '{"data":{x},"metadata":{}}',
      '{"data":{},"metadata":{}}}',
    ];
    for (const text of strange) {
      expect(() => parsePayload(Buffer.from(text))).toThrow(
        expect.objectContaining({ code: 'payload.malformed' }),
      );
    }
  });
});
