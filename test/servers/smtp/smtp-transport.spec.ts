import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SmtpTransport } from '#notices/mail';
import type { Mail } from '#notices/port';
import { startSmtpSink, type SinkAnswer, type SmtpSink } from './smtp-sink.js';

jest.setTimeout(60_000);

const NOTICE = 'a81cdd79-b393-5995-942b-3e948ef6225e';
const MAIL: Mail = {
  noticeId: NOTICE,
  to: 'ada@example.org',
  subject: 'Your complaint C-26-7F3K-9QXM-Q: we received it – thank you',
  text: 'Dear Ada,\n\n.a line that begins with a dot\nand ünïcode\n',
  writtenAt: '2026-11-22T12:00:00.000Z',
};

let sink: SmtpSink;
let transport: SmtpTransport;

beforeEach(async () => {
  sink = await startSmtpSink();
  transport = new SmtpTransport({ url: sink.url, from: 'Complaints <desk@redress.invalid>' });
});

afterEach(async () => {
  await transport.close();
  await sink.stop();
});

function impatient(): SmtpTransport {
  return new SmtpTransport({ url: sink.url, from: 'desk@redress.invalid', silenceMaxMs: 200 });
}

describe('mail by SMTP', () => {
  it('arrives with envelope, Message-ID of the notice, and the text as it was', async () => {
    expect(await transport.send(MAIL)).toEqual({
      kind: 'accepted',
      medium: 'smtp',
      messageId: `<${NOTICE}@redress.invalid>`,
    });
    expect(sink.mails).toHaveLength(1);
    const [mail] = sink.mails;
    expect(mail).toMatchObject({
      from: 'desk@redress.invalid',
      to: ['ada@example.org'],
      messageId: `<${NOTICE}@redress.invalid>`,
    });
    expect(mail?.content).toContain('Auto-Submitted: auto-generated\r\n');
    expect(mail?.content).toContain('Date: Sun, 22 Nov 2026 12:00:00 +0000\r\n');
    expect(mail?.content).toContain('\r\n.a line that begins with a dot\r\nand =C3=BCn=C3=AFcode');
  });

  it('is the same, byte for byte, when it is sent again', async () => {
    await transport.send(MAIL);
    await transport.send(MAIL);
    expect(sink.mails[0]?.content).toBe(sink.mails[1]?.content);
  });

  it.each<readonly [string, 'RCPT' | 'MAIL' | 'DATA' | 'content' | 'greeting', SinkAnswer, object]>(
    [
      [
        'an unknown recipient',
        'RCPT',
        '550 5.1.1 <ada@example.org> unknown',
        { kind: 'refused', code: 'mail.recipient-refused' },
      ],
      [
        'a full mailbox',
        'RCPT',
        '452 4.2.2 mailbox full',
        { kind: 'failed', code: 'mail.deferred' },
      ],
      [
        'a sender that is not wanted',
        'MAIL',
        '550 5.7.1 no',
        { kind: 'refused', code: 'mail.refused' },
      ],
      [
        'a content that is not wanted',
        'content',
        '554 5.7.1 spam',
        { kind: 'refused', code: 'mail.refused' },
      ],
      [
        'a server that is busy',
        'content',
        '451 4.3.0 later',
        { kind: 'failed', code: 'mail.deferred' },
      ],
      [
        'a server that does no service',
        'greeting',
        '554 no service',
        { kind: 'failed', code: 'mail.deferred' },
      ],
      ['a cut before the answer', 'content', 'cut', { kind: 'failed', code: 'mail.unreachable' }],
      ['silence', 'greeting', 'silence', { kind: 'failed', code: 'mail.timeout' }],
    ],
  )('answers %s with a code, and with nothing of what the server said', async (...given) => {
    const [, at, says, expected] = given;
    if (says === 'silence') transport = impatient();
    sink.answer = async (stage) => (stage === at ? says : undefined);
    expect(await transport.send(MAIL)).toEqual(expected);
    expect(sink.mails).toEqual([]);
  });

  it('fails for now when no server is there', async () => {
    await sink.stop();
    expect(await transport.send(MAIL)).toEqual({ kind: 'failed', code: 'mail.unreachable' });
  });

  it('is not sent in the clear to another machine that offers no TLS', async () => {
    const { port } = new URL(sink.url);
    // A name of this machine that does not say so.
    const url = `smtp://0.0.0.0:${port}`;
    const strict = new SmtpTransport({ url, from: 'desk@redress.invalid' });
    expect(await strict.send(MAIL)).toEqual({ kind: 'failed', code: 'mail.tls-failed' });
    expect(sink.mails).toEqual([]);
    await strict.close();
  });
});
