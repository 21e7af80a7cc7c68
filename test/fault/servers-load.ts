import { setTimeout as pause } from 'node:timers/promises';
import {
  COMMANDS,
  complaintReader,
  referenceOf,
  streamOfReference,
  type CommandName,
  type Commands,
} from '#complaints/contract';
import {
  AppendUnknown,
  step,
  StoreUnavailable,
  transact,
  type EventStore,
  type Transacted,
} from '#event-store/port';
import { instantFromMillis, type Position, type Randomness } from '#kernel';
import { ASSESSMENT, LODGE } from '#testing/complaints';
import { Chance } from './servers-plan.js';

/** A command that somebody gave; each of this load writes one event. */
export type Sent = { readonly commandId: string; readonly stream: string };

export type Acknowledged = Sent & { readonly revision: number; readonly position: Position };

export type LoadOptions = {
  /** Doors to the log, as several api processes would have; a client goes to any, at every try. */
  readonly eventStores: readonly EventStore[];
  readonly randomness: Randomness;
  readonly seed: string;
  readonly clients: number;
  /** Who acts: tells the events of this load from all others in the log. */
  readonly actorId: string;
  /** A client waits so long between two commands, at most. */
  readonly thinkMaxMs: number;
};

type Command = { [Name in CommandName]: readonly [Name, Commands[Name]] }[CommandName];

/** Tries of one command before the load gives up; many more than the longest outage takes. */
const TRIES_MAX = 2_000;
const RETRY_DELAY_MAX_MS = 60;
/** Of all commands, those that are sent a second time while the first is under way. */
const SHARE_OF_TWINS = 0.05;
/** Of all steps, those that go to a complaint on which all clients work. */
const SHARE_OF_COMMON_WORK = 0.15;
const CONTACTS_MAX = 4;

const LIFE: readonly Command[] = [
  ['acknowledge-complaint', { medium: 'e-mail' }],
  ['assess-complaint', ASSESSMENT],
  ['classify-complaint', { product: 'Mortgage', issue: 'Fees and charges' }],
  ['assign-complaint', { assignee: 'handler-7' }],
  ['communicate-decision', { outcome: 'explanation', remedies: [] }],
  ['record-reply', { reply: 'accepted' }],
  ['close-complaint', { closureReason: 'accepted' }],
];
const CONTACT: Command = ['record-contact', { direction: 'inbound', medium: 'phone' }];

/**
 * Clients that work on complaints with real commands and, told that a command's outcome is unknown
 * or the store is away, give the same command again under the same id until it is acknowledged.
 */
export class Load {
  readonly sent: Sent[] = [];
  readonly acknowledged: Acknowledged[] = [];
  /** Times that a command was given again, by what the try before it had met. */
  readonly retries = { unavailable: 0, unknown: 0, conflict: 0, twin: 0 };
  readonly #options: LoadOptions;
  readonly #listeners = new Set<(acknowledged: Acknowledged) => void>();
  #common: { readonly stream: string } | undefined;
  #isEnding = false;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  /** Works until {@link end}; rejects when a command is refused that should not be. */
  async run(): Promise<void> {
    const opening = new Chance(`${this.#options.seed}/common`);
    this.#common = await this.#lodge(opening);
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
    const { stream } = await this.#lodge(chance);
    const contacts = Array<Command>(chance.between(0, CONTACTS_MAX)).fill(CONTACT);
    for (const command of [...LIFE, ...contacts]) {
      if (this.#isEnding) return;
      await pause(chance.between(0, this.#options.thinkMaxMs));
      await this.#give(chance, { stream, command });
      if (this.#common && chance.share() < SHARE_OF_COMMON_WORK) {
        await this.#give(chance, { stream: this.#common.stream, command: CONTACT });
      }
    }
  }

  async #lodge(chance: Chance): Promise<{ readonly stream: string }> {
    const commandId = chance.uuid();
    const reference = referenceOf(commandId, 2026, 0);
    const stream = streamOfReference(reference);
    const command: Command = ['lodge-complaint', { ...LODGE, reference }];
    await this.#give(chance, { stream, command, commandId });
    return { stream };
  }

  async #give(
    chance: Chance,
    given: { readonly stream: string; readonly command: Command; readonly commandId?: string },
  ): Promise<void> {
    const { stream, command, commandId = chance.uuid() } = given;
    const sent = { commandId, stream };
    this.sent.push(sent);
    const isTwin = chance.share() < SHARE_OF_TWINS;
    if (isTwin) this.retries.twin += 1;
    const [one, other] = await Promise.all(
      Array.from({ length: isTwin ? 2 : 1 }, () => this.#tryUntilDone(chance, sent, command)),
    );
    if (!one) throw new Error('nothing was tried');
    if (other && (other.revision !== one.revision || other.position !== one.position)) {
      throw new Error(`${commandId}: twins were told ${one.position} and ${other.position}`);
    }
    const acknowledged = { ...sent, revision: one.revision, position: one.position };
    this.acknowledged.push(acknowledged);
    for (const listener of this.#listeners) listener(acknowledged);
  }

  async #tryUntilDone(chance: Chance, sent: Sent, command: Command): Promise<Transacted> {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const outcome = await this.#tryOnce(chance, sent, command);
      if (outcome !== 'again') return outcome;
      await pause(chance.between(0, RETRY_DELAY_MAX_MS));
    }
    throw new Error(`${sent.commandId}: not acknowledged after ${TRIES_MAX} tries`);
  }

  async #tryOnce(chance: Chance, sent: Sent, [name, said]: Command): Promise<Transacted | 'again'> {
    const { randomness, eventStores, actorId } = this.#options;
    const { commandId, stream } = sent;
    const actor = { id: actorId, role: 'case-handler', via: 'http' };
    const context = { commandId, actor, now: instantFromMillis(Date.now()) };
    // The command fits its own name, which the table's type cannot tell.
    const decide = COMMANDS[name].decide as (typeof COMMANDS)['lodge-complaint']['decide'];
    const steps = [step(decide, said as Commands['lodge-complaint'], context)];
    try {
      const transaction = { stream, reader: complaintReader, steps };
      const outcome = await transact(chance.pick(eventStores), randomness, transaction);
      if (outcome.kind === 'done') return outcome;
      if (outcome.code !== 'revision.conflict') {
        throw new Error(`${name} ${commandId} was refused: ${outcome.code}`);
      }
      this.retries.conflict += 1;
    } catch (error) {
      if (error instanceof AppendUnknown) this.retries.unknown += 1;
      else if (error instanceof StoreUnavailable) this.retries.unavailable += 1;
      else throw error;
    }
    return 'again';
  }
}
