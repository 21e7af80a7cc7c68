import { setTimeout as pause } from 'node:timers/promises';
import { referenceOf, streamOfReference } from '#complaints/contract';
import { readCommandIdentity } from '#http';
import type { Position } from '#kernel';
import { ASSESSMENT, LODGE, RECEIVED_AT } from '#testing/complaints';
import { SeededRandomness } from '#complaints/demonstration';
import type { Command, Door, Given, Told } from './servers-doors.js';
import { Chance } from './servers-plan.js';

/** A command that somebody gave; each of this load writes one event. */
export type Sent = { readonly commandId: string; readonly stream: string };

export type Acknowledged = Sent & { readonly revision: number; readonly position: Position };

export type LoadOptions = {
  /** Ways in, as several api processes would be; a client takes any of them, at every try. */
  readonly doors: readonly Door[];
  readonly seed: string;
  readonly clients: number;
  /** Who acts: tells the events of this load from all others in the log. */
  readonly actorId: string;
  /** A client waits so long between two commands, at most. */
  readonly thinkMaxMs: number;
};

/** Tries of one command before the load gives up; many more than the longest outage takes. */
const TRIES_MAX = 2_000;
const RETRY_DELAY_MAX_MS = 60;
/** Of all commands, those that are sent a second time while the first is under way. */
const SHARE_OF_TWINS = 0.05;
/** Of all steps, those that go to a complaint on which all clients work. */
const SHARE_OF_COMMON_WORK = 0.15;
const CONTACTS_MAX = 4;
const YEAR = Number(RECEIVED_AT.slice(0, 4));

/** Two of these steps call for a notice by e-mail. */
const LIFE: readonly Command[] = [
  ['acknowledge-complaint', { medium: 'e-mail' }],
  ['assess-complaint', ASSESSMENT],
  ['classify-complaint', { product: 'Mortgage', issue: 'Fees and charges' }],
  ['assign-complaint', { assignee: 'handler-7' }],
  ['communicate-decision', { outcome: 'explanation', remedies: [], medium: 'e-mail' }],
  ['record-reply', { reply: 'accepted' }],
  ['close-complaint', { closureReason: 'accepted' }],
];
const CONTACT: Command = ['record-contact', { direction: 'inbound', medium: 'phone' }];

/**
 * Clients that work on complaints with real commands and, told that a command's outcome is unknown
 * or the store is away, give the same command again under the same key until it is acknowledged.
 */
export class Load {
  readonly sent: Sent[] = [];
  readonly acknowledged: Acknowledged[] = [];
  /** Times that a command was given again, by what the try before it had met. */
  readonly retries = { unavailable: 0, unknown: 0, conflict: 0, twin: 0 };
  readonly #options: LoadOptions;
  readonly #listeners = new Set<(acknowledged: Acknowledged) => void>();
  #commonStream: string | undefined;
  #isEnding = false;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  /** Works until {@link end}; rejects when a command is refused that should not be. */
  async run(): Promise<void> {
    this.#commonStream = await this.#lodge(new Chance(`${this.#options.seed}/common`));
    const clients = Array.from({ length: this.#options.clients }, async (_, number) => {
      const chance = new Chance(`${this.#options.seed}/client ${number}`);
      try {
        while (!this.#isEnding) await this.#live(chance);
      } finally {
        // One who gave up ends the others, for the run has failed.
        this.#isEnding = true;
      }
    });
    await Promise.all(clients);
  }

  /** Lets what was begun come to its acknowledgement; then {@link run} resolves. */
  end(): void {
    this.#isEnding = true;
  }

  /** The next acknowledgement from now on; undefined when `timeoutMs` went by first. */
  nextAcknowledgement(timeoutMs: number): Promise<Acknowledged | undefined> {
    return new Promise((resolve) => {
      const settle = (acknowledged: Acknowledged | undefined) => {
        clearTimeout(timer);
        this.#listeners.delete(settle);
        resolve(acknowledged);
      };
      const timer = setTimeout(() => settle(undefined), timeoutMs);
      this.#listeners.add(settle);
    });
  }

  async #live(chance: Chance): Promise<void> {
    const stream = await this.#lodge(chance);
    const contacts = Array<Command>(chance.between(0, CONTACTS_MAX)).fill(CONTACT);
    for (const command of [...LIFE, ...contacts]) {
      if (this.#isEnding) return;
      await pause(chance.between(0, this.#options.thinkMaxMs));
      await this.#work(chance, stream, command);
      if (this.#commonStream !== undefined && chance.share() < SHARE_OF_COMMON_WORK) {
        await this.#work(chance, this.#commonStream, CONTACT);
      }
    }
  }

  /** Answers the stream of the new complaint. */
  async #lodge(chance: Chance): Promise<string> {
    const key = chance.uuid();
    const commandId = this.#commandIdOf(key, 'complaints');
    const reference = referenceOf(commandId, YEAR, 0);
    const stream = streamOfReference(reference);
    const complainant = { email: 'complainant@example.org' };
    const lodging = { ...LODGE, reference, complainant, receivedAt: RECEIVED_AT };
    await this.#give(chance, { key, commandId, stream, command: ['lodge-complaint', lodging] });
    return stream;
  }

  async #work(chance: Chance, stream: string, command: Command): Promise<void> {
    const key = chance.uuid();
    const commandId = this.#commandIdOf(key, stream);
    await this.#give(chance, { key, commandId, stream, command });
  }

  /** As the API makes it, so that a command that came in by one door is known at the others. */
  #commandIdOf(key: string, target: string): string {
    const { actorId } = this.#options;
    const unused = new SeededRandomness(key);
    return readCommandIdentity({ 'idempotency-key': key }, { actorId, target }, unused).commandId;
  }

  async #give(chance: Chance, given: Given): Promise<void> {
    const { commandId, stream } = given;
    this.sent.push({ commandId, stream });
    const isTwin = chance.share() < SHARE_OF_TWINS;
    if (isTwin) this.retries.twin += 1;
    const [one, other] = await Promise.all(
      Array.from({ length: isTwin ? 2 : 1 }, () => this.#giveUntilDone(chance, given)),
    );
    if (!one) throw new Error('nothing was tried');
    const { revision, position } = one;
    if (other && (other.revision !== revision || other.position !== position)) {
      throw new Error(`${commandId}: twins were told ${position} and ${other.position}`);
    }
    const acknowledged = { commandId, stream, revision, position };
    this.acknowledged.push(acknowledged);
    for (const listener of this.#listeners) listener(acknowledged);
  }

  async #giveUntilDone(
    chance: Chance,
    given: Given,
  ): Promise<Extract<Told, { readonly kind: 'done' }>> {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const told = await chance.pick(this.#options.doors).give(given);
      if (told.kind === 'done') return told;
      this.retries[told.because] += 1;
      await pause(chance.between(0, RETRY_DELAY_MAX_MS));
    }
    throw new Error(`${given.commandId}: not acknowledged after ${TRIES_MAX} tries`);
  }
}
