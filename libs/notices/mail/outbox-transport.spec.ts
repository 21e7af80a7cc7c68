import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mail } from '#notices/port';
import { OutboxTransport } from './outbox-transport.js';

const NOTICE = 'a81cdd79-b393-5995-942b-3e948ef6225e';
const MAIL: Mail = {
  noticeId: NOTICE,
  to: 'ada@example.org',
  subject: 'Your complaint C-26-7F3K-9QXM-Q: we received it',
  text: 'Dear Ada,\n\nünïcode\n',
  writtenAt: '2026-11-22T12:00:00.000Z',
};

let folder = '';
let directory = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'redress-outbox-'));
  directory = join(folder, 'deep', 'outbox');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the outbox', () => {
  it('holds each mail in a file of its own that only its owner may read', async () => {
    const outbox = new OutboxTransport({ directory, from: 'desk@redress.invalid' });
    expect(await outbox.send(MAIL)).toEqual({
      kind: 'accepted',
      medium: 'outbox',
      messageId: `<${NOTICE}@redress.invalid>`,
    });
    expect(await readdir(directory)).toEqual([`${NOTICE}.eml`]);
    const file = join(directory, `${NOTICE}.eml`);
    const text = await readFile(file, 'utf8');
    expect(text).toContain('From: desk@redress.invalid\r\nTo: ada@example.org\r\n');
    expect(text).toContain(`Message-ID: <${NOTICE}@redress.invalid>\r\n`);
    expect(text).toMatch(/\r\n\r\nDear Ada,\r\n\r\n=C3=BCn=C3=AFcode(\r\n)?$/);
    expect((await stat(file)).mode % 0o1000).toBe(0o600);
    expect((await stat(directory)).mode % 0o1000).toBe(0o700);
  });

  it('holds it once, however often it is sent, and by how many', async () => {
    const one = new OutboxTransport({ directory, from: 'desk@redress.invalid' });
    const other = new OutboxTransport({ directory, from: 'desk@redress.invalid' });
    await one.send(MAIL);
    const { ino, mtimeMs } = await stat(join(directory, `${NOTICE}.eml`));
    await Promise.all([one.send(MAIL), other.send(MAIL)]);
    expect(await readdir(directory)).toEqual([`${NOTICE}.eml`]);
    expect(await stat(join(directory, `${NOTICE}.eml`))).toMatchObject({ ino, mtimeMs });
  });

  it('is cleared of what killed attempts left, and of nothing else', async () => {
    const outbox = new OutboxTransport({ directory, from: 'desk@redress.invalid' });
    await outbox.clearLeftovers();
    await outbox.send(MAIL);
    const attempt = (at: number) =>
      `${NOTICE}.eml.0f8b1c2d-3e4f-4a5b-8c6d-7e8f9a0b1c2${at}.partial`;
    const mine = ['notes.partial', `${NOTICE}.eml.partial`, `copy of ${attempt(1)}`];
    const old = new Date(Date.now() - 3_600_000);
    for (const name of [attempt(1), attempt(2), attempt(3), ...mine, `${NOTICE}.eml`]) {
      await writeFile(join(directory, name), 'half a letter');
      if (name !== attempt(2)) await utimes(join(directory, name), old, old);
    }
    await outbox.clearLeftovers();
    expect((await readdir(directory)).toSorted()).toEqual(
      [`${NOTICE}.eml`, attempt(2), ...mine].toSorted(),
    );
  });

  it('fails for now, with a code, when the folder cannot be had', async () => {
    await writeFile(join(folder, 'deep'), 'in the way');
    const outbox = new OutboxTransport({ directory, from: 'desk@redress.invalid' });
    expect(await outbox.send(MAIL)).toEqual({ kind: 'failed', code: 'mail.disk-failed' });
  });
});
