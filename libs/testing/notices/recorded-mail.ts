import { MailTransport, type Delivered, type Mail } from '#notices/port';

/** Takes mails and keeps them; answers as it is told. */
export class RecordedMail extends MailTransport {
  readonly mails: Mail[] = [];
  answer: (mail: Mail) => Promise<Delivered> = async ({ noticeId }) => ({
    kind: 'accepted',
    medium: 'outbox',
    messageId: `<${noticeId}@desk.invalid>`,
  });

  override async send(mail: Mail): Promise<Delivered> {
    this.mails.push(mail);
    return await this.answer(mail);
  }

  override async close(): Promise<void> {
    this.answer = () => Promise.reject(new Error('closed'));
  }
}
