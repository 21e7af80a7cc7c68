import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metrics } from '#http';
import type { EventStore } from '#event-store/port';
import type { Clock, Randomness } from '#kernel';
import {
  LedgerFolder,
  outsideAt,
  readKeyFile,
  startSequencer,
  type Cosigners,
  type LedgerParts,
  type Sequencer,
  type SequencerState,
  type TimeStamps,
} from '#ledger';
import type { CosignRound } from '#ledger/witness';
import { parsePolicy, verifierKeyOf } from '#merkle';
import { ConfigurationInvalid, type Configuration, type LedgerConfiguration } from '#wiring';

const HOUR_MS = 3_600_000;
/** Beside the ledger, and not public: how far each witness is. */
const WITNESS_SIZES_FILE = 'witness-sizes.json';

type LedgerOn = Extract<LedgerConfiguration, { readonly kind: 'on' }>;

export type LedgerStores = {
  readonly eventStore: EventStore;
  readonly clock: Clock;
  readonly randomness: Randomness;
};

export type RunningLedger = Sequencer & {
  readonly folder: LedgerFolder;
  /** Witnesses that did not cosign when they were last asked. */
  readonly witnessesMissing: number;
};

/** What signing this log takes, by its configuration; undefined when the ledger is off. */
export function ledgerParts(
  { ledger, origin }: Pick<Configuration, 'ledger' | 'origin'>,
  { eventStore, clock, randomness }: LedgerStores,
): LedgerParts | undefined {
  if (ledger.kind === 'off') return undefined;
  const { directory, keyFile, outside } = ledger;
  return {
    eventStore,
    folder: new LedgerFolder(directory),
    keyFile,
    origin,
    clock,
    randomness,
    ...(outside === undefined ? {} : { outside: outsideAt(outside, origin) }),
  };
}

/**
 * Signs the log as the configuration says; undefined when the ledger is off. What goes wrong later is
 * in its state and told: complaints go on being handled.
 *
 * @throws ConfigurationInvalid when the policy is none.
 */
export async function runLedger(
  configuration: Configuration,
  stores: LedgerStores,
  onFault: (error: unknown) => void,
): Promise<RunningLedger | undefined> {
  const { ledger } = configuration;
  const parts = ledgerParts(configuration, stores);
  if (!parts || ledger.kind === 'off') return undefined;
  const cosigners = await cosignersOf(ledger, parts, onFault);
  const timestamps = await timestampsOf(ledger, stores.randomness);
  const sequencer = startSequencer({
    ...parts,
    ...(cosigners ? { cosigners } : {}),
    ...(timestamps ? { timestamps } : {}),
    onFault,
  });
  return {
    get state() {
      return sequencer.state;
    },
    get latest() {
      return sequencer.latest;
    },
    settled: (position, signal) => sequencer.settled(position, signal),
    stop: () => sequencer.stop(),
    get witnessesMissing() {
      return cosigners?.missing?.length ?? 0;
    },
    folder: parts.folder,
  };
}

/** Loaded only where there are witnesses to be asked. */
async function cosignersOf(
  { policyFile, keyFile, directory }: LedgerOn,
  { origin }: Pick<LedgerParts, 'origin'>,
  onFault: (error: unknown) => void,
): Promise<Cosigners | undefined> {
  if (policyFile === undefined) return undefined;
  const policy = await policyIn(policyFile);
  const { CosignRefused, createCosigners } = await import('#ledger/witness');
  let missing: readonly InstanceType<typeof CosignRefused>[] = [];
  const onRound = (round: CosignRound) => {
    // Among them what says that the log was rolled back, or that a witness lies.
    missing = round.missing.map(
      ({ witness, fault, message }) =>
        new CosignRefused(fault, `${witness} [${fault}]: ${message}`),
    );
    for (const refused of missing) onFault(refused);
  };
  let cosign: Cosigners['cosign'] | undefined;
  return {
    get missing() {
      return missing;
    },
    cosign: async (note, prove, signal) => {
      // The key is made with the first signature, and so is not there at the start.
      const key = cosign ? undefined : await readKeyFile(keyFile, origin);
      if (key) {
        const sizesFile = join(directory, WITNESS_SIZES_FILE);
        cosign = createCosigners({ policy, log: verifierKeyOf(key), sizesFile, onRound });
      }
      return cosign ? await cosign(note, prove, signal) : [];
    },
  };
}

/** The tlog-policy in a file. @throws ConfigurationInvalid */
export async function policyIn(file: string): Promise<ReturnType<typeof parsePolicy>> {
  try {
    return parsePolicy(await readFile(file, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new ConfigurationInvalid(
      'REDRESS_LEDGER_POLICY_FILE',
      `the file is no policy, or cannot be read (${reason})`,
      { cause },
    );
  }
}

async function timestampsOf(
  { timeUrl, timeEveryHours }: LedgerOn,
  randomness: Randomness,
): Promise<TimeStamps | undefined> {
  if (timeUrl === undefined) return undefined;
  const { requestTimeToken } = await import('#ledger/witness');
  return {
    everyMs: timeEveryHours * HOUR_MS,
    stamp: async (note, signal) =>
      (await requestTimeToken(note, { url: timeUrl, randomness, signal })).response,
  };
}

/** Whether this process has not yet made sure that the files are all there, and still tries to. */
export function isBeingRebuilt({ phase, signedAt }: SequencerState): boolean {
  return phase === 'recovering' || (phase === 'waiting' && signedAt === undefined);
}

const REFUSING: readonly SequencerState['phase'][] = ['refused'];

/** Adds what is signed to the numbers of the process. */
export function measureLedger(
  metrics: Metrics,
  ledger: Pick<RunningLedger, 'state' | 'witnessesMissing'>,
): void {
  const gauge = (name: string, help: string, value: (state: SequencerState) => number) => {
    metrics.gauge(name, help, () => Promise.resolve([{ labels: {}, value: value(ledger.state) }]));
  };
  gauge('redress_ledger_size', 'Events under the last signed checkpoint.', ({ size }) => size);
  gauge(
    'redress_ledger_signed_at_seconds',
    'When this process last published a signed checkpoint, in Unix seconds; 0 before the first.',
    ({ signedAt }) => (signedAt === undefined ? 0 : Date.parse(signedAt) / 1_000),
  );
  gauge(
    'redress_ledger_unsigned_events',
    'Events of the log that are not signed yet; while nothing can be signed, looked at now and then.',
    ({ unsigned }) => unsigned,
  );
  gauge(
    'redress_ledger_outside_faults',
    'What keeps signed checkpoints in the house: the place outside, witnesses, the clock. 0 is well.',
    ({ outsideFaults }) => outsideFaults.length,
  );
  gauge(
    'redress_ledger_witnesses_missing',
    'Witnesses that did not cosign when they were last asked.',
    () => ledger.witnessesMissing,
  );
  gauge(
    'redress_ledger_refused',
    '1 when signing is refused until somebody has looked, else 0. 1 is an alarm.',
    ({ phase }) => (REFUSING.includes(phase) ? 1 : 0),
  );
  gauge(
    'redress_ledger_waiting',
    '1 while nothing can be signed because of a fault that is waited out, else 0.',
    (state) => (isWaiting(state) ? 1 : 0),
  );
}

/** Also while it looks whether what it waits for has passed. */
function isWaiting({ phase, code }: SequencerState): boolean {
  return phase === 'waiting' || (phase === 'recovering' && code !== undefined);
}

/** What readiness shows of the ledger: that it refuses is told loudly, and stops no complaint. */
export function ledgerCheck({ state }: Pick<Sequencer, 'state'>): {
  readonly ok: boolean;
  readonly [member: string]: unknown;
} {
  return { ok: !REFUSING.includes(state.phase), waiting: isWaiting(state), ...state };
}
