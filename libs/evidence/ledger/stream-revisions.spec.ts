import { describe, expect, it } from '@jest/globals';
import { utf8 } from '../bytes.js';
import type { StreamName } from './leaf-scan.js';
import { StreamRevisions } from './stream-revisions.js';

const UUID = '0123abcd-4567-4890-abcd-ef0123456789';
const STREAMS = 5_000;

const nameOf = (text: string): StreamName => {
  const bytes = utf8(`"${text}"`);
  return { bytes, start: 1, end: bytes.length - 1 };
};

describe('the next revisions of streams', () => {
  it('tells streams apart by kind, by every digit, and by whatever else they are called', () => {
    const revisions = new StreamRevisions(new Uint8Array(32));
    const digits = [...UUID].flatMap((digit, at) =>
      digit === '-'
        ? []
        : [`complaint-${UUID.slice(0, at)}${digit === 'f' ? '0' : 'f'}${UUID.slice(at + 1)}`],
    );
    const names = new Set([
      ...digits,
      `complaint-${UUID}`,
      `complaint-${UUID.toUpperCase()}`,
      `complaint-${UUID.replaceAll('-', '0')}`,
      `organisation-${UUID}`,
      `é-${UUID}`,
      `${'x'.repeat(100)}-${UUID}`,
      UUID,
      `${UUID}-`,
      'g'.repeat(36),
      'register',
      '',
      ...Array.from({ length: 1_100 }, (_, at) => `kind ${at}-${UUID}`),
      ...Array.from({ length: STREAMS }, (_, at) => `stream ${at}`),
      ...Array.from(
        { length: STREAMS },
        (_, at) => `c-${String(at).padStart(8, '0')}${UUID.slice(8)}`,
      ),
    ]);
    for (const revision of [0, 1, 2]) {
      for (const name of names) {
        expect([name, revisions.follow(nameOf(name), revision)]).toEqual([name, revision]);
      }
      expect(revisions.streams).toBe(names.size);
    }
  });

  it('answers what comes next, and goes on behind a gap', () => {
    const revisions = new StreamRevisions(new Uint8Array(32));
    const [a, b] = [nameOf(`complaint-${UUID}`), nameOf('register')];
    const answered = [a, a, b, a, b, a].map((name, at) => revisions.follow(name, at));
    expect(answered).toEqual([0, 1, 0, 2, 3, 4]);
  });
});
