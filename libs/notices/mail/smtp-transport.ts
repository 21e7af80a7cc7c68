import { createTransport, type SMTPTransportOptions } from 'nodemailer';
import {
  MailTransport,
  SEND_TIMEOUT_MS,
  type Delivered,
  type Mail,
  type MailFailureCode,
} from '#notices/port';
import { composed, messageIdOf, senderOf, type Sender } from './compose.js';

export type SmtpOptions = {
  /**
   * `smtps://user:password@host:465` (TLS from the start) or `smtp://…:587`, where the server must
   * offer STARTTLS unless it is on this machine. Never told to anybody.
   */
  readonly url: string;
  readonly from: string;
  /** Longest silence of the server; for tests, which do not wait so long. */
  readonly silenceMaxMs?: number;
};

const CONNECT_TIMEOUT_MS = 10_000;
/** Longest silence of the server between two of its answers. */
const SILENCE_MAX_MS = 20_000;
const PORT_TLS = 465;
const PORT_STARTTLS = 587;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

type Outgoing = ReturnType<typeof createOutgoing>;

/** Hands each mail to one mail server, on a connection of its own. */
export class SmtpTransport extends MailTransport {
  readonly #sender: Sender;
  readonly #outgoing: Outgoing;

  constructor({ url, from, silenceMaxMs = SILENCE_MAX_MS }: SmtpOptions) {
    super();
    this.#sender = senderOf(from);
    this.#outgoing = createOutgoing(url, silenceMaxMs);
  }

  override async send(mail: Mail): Promise<Delivered> {
    // Ends the connection, so that nothing is sent behind the back of whoever was told of a failure.
    const signal = AbortSignal.timeout(SEND_TIMEOUT_MS);
    try {
      await this.#outgoing.sendMail({ ...composed(mail, this.#sender), signal });
      return { kind: 'accepted', medium: 'smtp', messageId: messageIdOf(mail, this.#sender) };
    } catch (error) {
      // The server's words may name the address: only a code of ours goes on from here.
      return failureOf(error);
    }
  }

  override async close(): Promise<void> {
    this.#outgoing.close();
  }
}

function createOutgoing(url: string, silenceMaxMs: number) {
  return createTransport({
    ...optionsOf(new URL(url)),
    greetingTimeout: silenceMaxMs,
    socketTimeout: silenceMaxMs,
  });
}

function optionsOf({ protocol, hostname, port, username, password }: URL): SMTPTransportOptions {
  const secure = protocol === 'smtps:';
  return {
    host: hostname.replaceAll(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? PORT_TLS : PORT_STARTTLS) : Number(port),
    secure,
    requireTLS: !secure && !LOOPBACK.test(hostname),
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true },
    connectionTimeout: CONNECT_TIMEOUT_MS,
    dnsTimeout: CONNECT_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(username === ''
      ? {}
      : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
  };
}

const PASSING: ReadonlyMap<string, MailFailureCode> = new Map([
  ['ETIMEDOUT', 'mail.timeout'],
  ['EABORT', 'mail.timeout'],
  ['EAUTH', 'mail.not-authorised'],
  ['ENOAUTH', 'mail.not-authorised'],
  ['EOAUTH2', 'mail.not-authorised'],
  ['ETLS', 'mail.tls-failed'],
  ['EREQUIRETLS', 'mail.tls-failed'],
]);

/** Only a final answer (5xx) to the mail itself is a refusal; all else may be otherwise tomorrow. */
function failureOf(error: unknown): Delivered {
  const { code, command, responseCode } = (error ?? {}) as {
    readonly code?: string;
    readonly command?: string;
    readonly responseCode?: number;
  };
  const known = PASSING.get(code ?? '');
  if (known) return { kind: 'failed', code: known };
  // Judged unfit before anything was sent.
  if (code === 'EENVELOPE' && command === 'API') {
    return { kind: 'refused', code: 'mail.recipient-refused' };
  }
  if (responseCode === undefined) return { kind: 'failed', code: 'mail.unreachable' };
  const final = responseCode >= 500;
  if (final && command === 'RCPT TO') return { kind: 'refused', code: 'mail.recipient-refused' };
  if (final && (command === 'MAIL FROM' || command === 'DATA')) {
    return { kind: 'refused', code: 'mail.refused' };
  }
  return { kind: 'failed', code: 'mail.deferred' };
}
