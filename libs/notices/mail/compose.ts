import type { SendMailOptions } from 'nodemailer';
import type { Mail } from '#notices/port';

/** Who the mails are from: a name, perhaps, and an address. */
export type Sender = { readonly name: string; readonly address: string };

const NAMED = /^(.*?)\s*<([^<>]+)>$/;

/** Reads `complaints@example.org` or `Complaints desk <complaints@example.org>`. */
export function senderOf(from: string): Sender {
  const [, name = '', address = from] = NAMED.exec(from.trim()) ?? [];
  return { name: name.replaceAll('"', ''), address: address.trim() };
}

/** Of the notice alone, so that a mail that arrives twice is known to be the same. */
export function messageIdOf({ noticeId }: Pick<Mail, 'noticeId'>, { address }: Sender): string {
  return `<${noticeId}@${address.slice(address.lastIndexOf('@') + 1)}>`;
}

/** The same bytes for the same mail, whoever writes it and when. */
export function composed(mail: Mail, sender: Sender): SendMailOptions {
  return {
    from: { ...sender },
    // An object, because a text would be searched for several addresses.
    to: { name: '', address: mail.to },
    envelope: { from: sender.address, to: [mail.to] },
    subject: mail.subject,
    text: mail.text,
    textEncoding: 'quoted-printable',
    date: new Date(mail.writtenAt),
    messageId: messageIdOf(mail, sender),
    // RFC 3834: nobody's absence notice may answer it.
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
