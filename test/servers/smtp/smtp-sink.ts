import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export type SunkMail = {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came over the wire, with CRLF, dots unstuffed. */
  readonly content: string;
  readonly messageId: string;
};

type Stage = 'greeting' | 'MAIL' | 'RCPT' | 'DATA' | 'content';
/** What the server says at a stage instead of yes: a reply, silence, or a cut. */
export type SinkAnswer = `${number} ${string}` | 'silence' | 'cut' | 'cut-after-taking';

export type SmtpSink = {
  readonly url: string;
  readonly mails: readonly SunkMail[];
  /** Decides what is said at a stage; undefined for yes. May take its time. */
  answer: (stage: Stage, line: string) => Promise<SinkAnswer | undefined>;
  stop(): Promise<void>;
};

const YES: Readonly<Record<Stage, SinkAnswer>> = {
  greeting: '220 sink.test ESMTP',
  MAIL: '250 2.1.0 OK',
  RCPT: '250 2.1.5 OK',
  DATA: '354 go on',
  content: '250 2.0.0 taken',
};

/** A mail server of the tests: the part of RFC 5321 that a client needs, on loopback, keeping all. */
export async function startSmtpSink(): Promise<SmtpSink> {
  const mails: SunkMail[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A client that goes away is none of the server's business.
    socket.on('error', () => socket.destroy());
    new Conversation(socket, sink, mails).begin();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const sink: SmtpSink = {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    answer: async () => undefined,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return sink;
}

class Conversation {
  private text = '';
  private inContent = false;
  private from = '';
  private to: string[] = [];
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly socket: Socket,
    private readonly sink: SmtpSink,
    private readonly mails: SunkMail[],
  ) {}

  begin(): void {
    this.turn = this.say('greeting', '').then(() => undefined);
    this.socket.setEncoding('utf8').on('data', (chunk: string) => {
      this.text += chunk;
      this.turn = this.turn.then(() => this.take());
    });
  }

  private async take(): Promise<void> {
    for (;;) {
      const end = this.inContent ? '\r\n.\r\n' : '\r\n';
      const at = this.text.indexOf(end);
      if (at < 0) return;
      const part = this.text.slice(0, at);
      this.text = this.text.slice(at + end.length);
      await (this.inContent ? this.content(part) : this.line(part));
    }
  }

  private async line(line: string): Promise<void> {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'EHLO' || verb === 'HELO') this.socket.write('250 sink.test\r\n');
    else if (verb === 'RSET' || verb === 'NOOP') this.socket.write('250 OK\r\n');
    else if (verb === 'QUIT') this.socket.end('221 bye\r\n');
    else if (verb === 'MAIL') await this.mail(line);
    else if (verb === 'RCPT') await this.recipient(line);
    else if (verb === 'DATA') this.inContent = await this.say('DATA', line);
    else this.socket.write('502 5.5.1 not here\r\n');
  }

  private async mail(line: string): Promise<void> {
    if (await this.say('MAIL', line)) this.from = addressIn(line);
  }

  private async recipient(line: string): Promise<void> {
    if (await this.say('RCPT', line)) this.to.push(addressIn(line));
  }

  private async content(part: string): Promise<void> {
    this.inContent = false;
    const content = part.replaceAll(/^\.\./gm, '.');
    const [, messageId = ''] = /^Message-ID: (.+)$/im.exec(content) ?? [];
    const mail = { from: this.from, to: this.to, content, messageId };
    // A server that took a mail and dies before it says so has taken it.
    const answer = await this.sink.answer('content', this.to[0] ?? '');
    if (answer === undefined || answer === 'cut-after-taking') this.mails.push(mail);
    this.to = [];
    this.utter(answer ?? YES.content);
  }

  /** True when it was yes. */
  private async say(stage: Stage, line: string): Promise<boolean> {
    const answer = await this.sink.answer(stage, line);
    this.utter(answer ?? YES[stage]);
    return answer === undefined;
  }

  private utter(answer: SinkAnswer): void {
    if (answer === 'cut' || answer === 'cut-after-taking') this.socket.destroy();
    else if (answer !== 'silence') this.socket.write(`${answer}\r\n`);
  }
}

function addressIn(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? '';
}
