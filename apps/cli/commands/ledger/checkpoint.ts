import type { Command } from 'commander';
import { StoreLocked } from '#event-store/port';
import {
  checkpointInMark,
  latestCheckpoint,
  LEDGER_MARK,
  LedgerFolder,
  readKeyFile,
  sequenceOnce,
  type RebuildProgress,
  type SignedCheckpoint,
} from '#ledger';
import { formatVerifierKey, verifierKeyOf } from '#merkle';
import { openLog, SystemClock, SystemRandomness, type Configuration } from '#wiring';
import { UsageError } from '../../exit-status.js';
import { commandOf, configurationOf, type CommonOptions } from '../../options.js';
import { note as say, print, printJson } from '../../output.js';
import { startProgress } from '../../progress.js';
import { reachServers } from '../../reach-servers.js';

export function checkpointCommand(): Command {
  return commandOf(
    'checkpoint',
    'Signs the log as it stands; beside a server, the last checkpoint that it signed.',
  ).action(showCheckpoint);
}

async function showCheckpoint(options: CommonOptions): Promise<void> {
  const configuration = configurationOf(options);
  const { note, origin, root, size } = await checkpointOf(configuration);
  const vkey = await vkeyOf(configuration);
  if (options.json) {
    const rootBase64 = Buffer.from(root).toString('base64');
    printJson({ origin, size: Number(size), root: rootBase64, note, vkey });
    return;
  }
  print(note.trimEnd());
  print('');
  print(`key: ${vkey}`);
}

/** With servers the sequencer signs; a log in files is signed here unless a server holds it. */
export async function checkpointOf(configuration: Configuration): Promise<SignedCheckpoint> {
  const { ledger, servers } = configuration;
  if (ledger.kind === 'off') throw ledgerIsOff();
  if (servers) return await lastInMark(servers.eventStoreUrl);
  try {
    return await signNow(configuration);
  } catch (error) {
    if (!(error instanceof StoreLocked)) throw error;
    say('a server holds the store: this is what it signed last');
    const checkpoint = await latestCheckpoint(new LedgerFolder(ledger.directory));
    return checkpoint ?? notSigned();
  }
}

async function signNow(configuration: Configuration): Promise<SignedCheckpoint> {
  // With it comes Nest, which takes half a second to load: only who signs waits for it.
  const { ledgerParts } = await import('../../../contexts/index.js');
  const place = { kind: 'sqlite', directory: configuration.dataDir } as const;
  const { store: eventStore } = await openLog(place, 'source');
  const bar = startProgress('signing');
  try {
    const stores = { eventStore, clock: new SystemClock(), randomness: new SystemRandomness() };
    const parts = ledgerParts(configuration, stores);
    if (!parts) throw ledgerIsOff();
    const onProgress = ({ done, of }: RebuildProgress) => bar.update(done, of);
    return await sequenceOnce({ ...parts, onProgress });
  } finally {
    bar.stop();
    await eventStore.close();
  }
}

/** Wherever the sequencer's folder lies, the store holds what it signed last. */
async function lastInMark(url: string): Promise<SignedCheckpoint> {
  const { store, probes } = await openLog({ kind: 'eventstoredb', url }, 'source');
  try {
    await reachServers(probes);
    const mark = await store.readMark(LEDGER_MARK);
    return mark ? checkpointInMark(mark) : notSigned();
  } finally {
    await store.close();
  }
}

function notSigned(): never {
  throw new UsageError('ledger.not-signed', 'nothing is signed yet');
}

async function vkeyOf({ ledger, origin }: Configuration): Promise<string | null> {
  if (ledger.kind === 'off') throw ledgerIsOff();
  const key = await readKeyFile(ledger.keyFile, origin);
  return key ? formatVerifierKey(verifierKeyOf(key)) : null;
}

export function ledgerIsOff(): UsageError {
  return new UsageError('configuration.ledger-off', 'REDRESS_LEDGER is off: nothing is signed');
}
