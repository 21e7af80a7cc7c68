import { SeededRandomness } from '#complaints/demonstration';
import { uuidV4 } from '#kernel';

/** Chance that a seed drives, so that a run that failed can be had again. */
export class Chance {
  readonly #randomness: SeededRandomness;

  constructor(seed: string) {
    this.#randomness = new SeededRandomness(seed);
  }

  /** From 0 below 1. */
  share(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#randomness.bytes(4);
    return (a + b * 256 + c * 65_536 + d * 16_777_216) / 4_294_967_296;
  }

  /** A whole number from `min` to `max`, both inclusive. */
  between(min: number, max: number): number {
    return min + Math.floor(this.share() * (max - min + 1));
  }

  pick<Word>(words: readonly Word[]): Word {
    const word = words[this.between(0, words.length - 1)];
    if (word === undefined) throw new RangeError('nothing to choose from');
    return word;
  }

  uuid(): string {
    return uuidV4(this.#randomness.bytes(16));
  }
}

export const FAULT_KINDS = [
  /** All connections end in good order, or with a reset. */
  'cut',
  'reset',
  /** Requests arrive and are carried out; the answers vanish; then the connections end. */
  'cut-after-commit',
  'reset-after-commit',
  /** Requests vanish; then the connections end. */
  'cut-before-arrival',
  /** Nothing comes through either way, and nobody is told. */
  'freeze',
  /** All connections end and new ones are turned away for a while. */
  'outage',
  /** Both ways take longer for a while; or longer, and then an end. */
  'delay',
  'delay-then-cut',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export type PlannedFault<Server extends string> = {
  readonly number: number;
  readonly server: Server;
  readonly kind: FaultKind;
  /** How long it lasts where it lasts. */
  readonly holdMs: number;
  readonly delayMs: number;
  /** Pause before it. */
  readonly gapMs: number;
  /** False: the next fault strikes without waiting until all works again. */
  readonly awaitsRecovery: boolean;
};

const HOLD_MAX_MS = 500;
const DELAY_MAX_MS = 150;
const GAP_MAX_MS = 150;
/** Of all faults, those upon which the next one follows at once. */
const SHARE_WITHOUT_WAITING = 0.2;

/** As many faults for each server as for the others, in an order, of kinds and lengths by the seed. */
export function planFaults<Server extends string>(
  seed: string,
  servers: readonly Server[],
  countPerServer: number,
): readonly PlannedFault<Server>[] {
  const chance = new Chance(`${seed}/plan`);
  const left = servers.flatMap((server) => Array<Server>(countPerServer).fill(server));
  const plan: PlannedFault<Server>[] = [];
  while (left.length > 0) {
    const [server] = left.splice(chance.between(0, left.length - 1), 1);
    if (server === undefined) break;
    plan.push({
      number: plan.length + 1,
      server,
      kind: chance.pick(FAULT_KINDS),
      holdMs: chance.between(20, HOLD_MAX_MS),
      delayMs: chance.between(10, DELAY_MAX_MS),
      gapMs: chance.between(0, GAP_MAX_MS),
      awaitsRecovery: chance.share() >= SHARE_WITHOUT_WAITING,
    });
  }
  return plan;
}
