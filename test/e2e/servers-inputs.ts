import fc from 'fast-check';
import {
  COMMANDS,
  complaintReader,
  referenceOf,
  streamOfReference,
  type Commands,
} from '#complaints/contract';
import { SeededRandomness } from '#complaints/demonstration';
import { step, transact, type EventStore } from '#event-store/port';
import { Clock, instantFromMillis, millisOf, uuidV5, type Instant } from '#kernel';
import { anyAttempts, contextAt, RECEIVED_AT, type Attempt } from '#testing/complaints';

const NAMESPACE = '5b1f4a0e-9d53-5c3a-8a54-51f0a7c2d9e6';
const MINUTE_MS = 60_000;

/** Time stands still until it is told to pass; only then do two runs record the same moments. */
export class ToldClock extends Clock {
  #millis = Date.parse('2026-11-20T12:00:00.000Z');

  override now(): Instant {
    return instantFromMillis(this.#millis);
  }

  passMinutes(minutes: number): void {
    this.#millis += minutes * MINUTE_MS;
  }
}

/** Complaints with whatever commands come upon them, allowed or not; the same for ever. */
const HISTORIES = 60;
const HISTORIES_SEED = 20_261_122;

/**
 * Sends them one after another, each twice every third time, and answers what was answered, but for
 * positions. Command ids, moments and salts follow from the numbers of the history and the command.
 */
export async function liveRandomLives(eventStore: EventStore): Promise<readonly string[]> {
  const randomness = new SeededRandomness('random lives');
  const answers: string[] = [];
  const histories = fc.sample(anyAttempts, { seed: HISTORIES_SEED, numRuns: HISTORIES });
  for (const [number, attempts] of histories.entries()) {
    const lodgeId = uuidV5(NAMESPACE, `${number}/0`);
    const reference = referenceOf(lodgeId, 2026, 0);
    let millis = millisOf(RECEIVED_AT) + number * MINUTE_MS;
    for (const [ordinal, attempt] of attempts.entries()) {
      millis += attempt.laterMinutes * MINUTE_MS;
      const now = instantFromMillis(millis);
      const occurredAt = instantFromMillis(millis - attempt.agoMinutes * MINUTE_MS);
      const context = contextAt(now, {
        commandId: uuidV5(NAMESPACE, `${number}/${ordinal}`),
        ...(attempt.agoMinutes === 0 ? {} : { occurredAt }),
      });
      const transaction = {
        stream: streamOfReference(reference),
        reader: complaintReader,
        steps: [step(decideOf(attempt), commandOf(attempt, reference), context)],
      };
      for (let time = 0; time < (ordinal % 3 === 0 ? 2 : 1); time += 1) {
        const outcome = await transact(eventStore, randomness, transaction);
        const { position: _, ...rest } = { position: '', ...outcome };
        answers.push(JSON.stringify(rest));
      }
    }
  }
  return answers;
}

/** The one of the name, with the command's type lost: each attempt fits its own name. */
function decideOf({ name }: Attempt): (typeof COMMANDS)['lodge-complaint']['decide'] {
  return COMMANDS[name].decide as (typeof COMMANDS)['lodge-complaint']['decide'];
}

function commandOf({ name, command }: Attempt, reference: string): Commands['lodge-complaint'] {
  const said = name === 'lodge-complaint' ? { ...command, reference } : command;
  return said as Commands['lodge-complaint'];
}

const HEADING =
  'Date received,Product,Sub-product,Issue,Sub-issue,Consumer complaint narrative,Company public response,Company,State,ZIP code,Tags,Consumer consent provided?,Submitted via,Date sent to company,Company response to consumer,Timely response?,Consumer disputed?,Complaint ID';

const PRODUCTS = ['Mortgage', 'Credit card', 'Debt collection', 'Student loan', 'Größe, "Übung"'];
const RESPONSES = [
  'Closed with explanation',
  'Closed with monetary relief',
  'Closed with non-monetary relief',
  'In progress',
  'Closed without relief',
  'Untimely response',
];
const CHANNELS = ['Web', 'Phone', 'Postal mail', 'Referral', 'Fax'];
const STATES = ['NY', 'TX', '', 'CA', 'FL'];
const POSTAL_CODES = ['10001', '7001', '', '945XX', 'none'];
const DISPUTED = ['Yes', 'No', 'N/A', ''];

/** A file such as the CFPB exports, with every kind of answer, gap and oddity; row n is always the same. */
export function cfpbFile(rows: number): string {
  const lines = Array.from({ length: rows }, (_, n) => {
    const day = String(1 + (n % 28)).padStart(2, '0');
    const sent = String(1 + ((n + (n % 3)) % 28)).padStart(2, '0');
    return [
      `2015-0${1 + (n % 9)}-${day}`,
      of(PRODUCTS, n),
      n % 4 === 0 ? '' : `Kind ${n % 6}`,
      `Issue ${n % 11}`,
      n % 5 === 0 ? '' : `Part ${n % 7}`,
      n % 6 === 0 ? `They said "no", twice.\nThen ${n} times more — 手数料.` : '',
      n % 9 === 0 ? 'Company chooses not to provide a public response' : '',
      n % 13 === 0 ? 'ACME, INC.' : `Company ${n % 17}`,
      of(STATES, n),
      of(POSTAL_CODES, n >> 1),
      n % 10 === 0 ? 'Older American' : '',
      n % 2 === 0 ? 'Consent provided' : 'N/A',
      of(CHANNELS, n >> 2),
      `2015-${n % 28 < 26 ? '10' : '11'}-${sent}`,
      of(RESPONSES, n),
      n % 8 === 0 ? 'No' : 'Yes',
      of(DISPUTED, n >> 1),
      // The first rows come again at the end, the last ones without a number.
      n >= rows - 2 ? '' : String(n >= rows - 6 ? n % 4 : 1_000_000 + n),
    ]
      .map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
      .join(',');
  });
  return `${[HEADING, ...lines].join('\n')}\n`;
}

function of(words: readonly string[], n: number): string {
  return words[n % words.length] ?? '';
}
