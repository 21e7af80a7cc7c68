import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Clock, Randomness } from '#kernel';
import { formatVerifierKey, verifierKeyOf, type SignerKey, type VerifierKey } from '#merkle';
import { keepEvidence, type Misbehaviour } from './misbehaviour.js';
import { Witness } from './witness.js';
import { WitnessStateDamaged } from './witness-errors.js';
import { makeFolder, WitnessFolder } from './witness-folder.js';
import { createWitnessServer } from './witness-http.js';
import { makeWitnessKey, readWitnessKey } from './witness-key.js';

/** Time for what is under way when the witness ends; then its connections are cut. */
const CLOSE_GRACE_MS = 5_000;
const KEY_FILE = 'witness.key';

export type WitnessOptions = {
  /** Name of the witness's key; best an address without scheme, as `witness.example.org/w1`. */
  readonly name: string;
  /** Holds the key and what was cosigned; a local disk. Never put back from a backup. */
  readonly folder: string;
  /** Keys of the logs that are witnessed. */
  readonly logs: readonly VerifierKey[];
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Takes the folder for this process alone; throws when another one has it. */
  readonly lock: (folder: string) => { readonly release: () => void };
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Told of a log that signed what the witness did not cosign; the evidence is kept as well. */
  readonly onMisbehaviour: (found: Misbehaviour) => void;
  /** Told of what kept the witness from answering. */
  readonly onFault: (error: unknown) => void;
};

export type RunningWitness = {
  readonly host: string;
  readonly port: number;
  /** What a policy names this witness by: `<name>+<key id>+<base64>`, type 0x04. */
  readonly vkey: string;
  /** Answers what is under way, then frees the folder. Idempotent. */
  close(): Promise<void>;
};

/**
 * Starts a witness. Its key is made at the first start.
 *
 * @throws what `lock` throws; WitnessKeyRefused; WitnessStateDamaged when anything that it remembers is
 *   not as it was left; LedgerError `ledger.folder-unavailable`; the system's error (`EADDRINUSE`, …)
 *   when it cannot listen. Nothing is open or locked then.
 */
export async function startWitness(options: WitnessOptions): Promise<RunningWitness> {
  await makeFolder(options.folder);
  const lock = options.lock(options.folder);
  try {
    const key = await keyOf(options);
    const folder = await WitnessFolder.open(options.folder, verifierKeyOf(key));
    const vkey = formatVerifierKey(verifierKeyOf(key));
    const witness = new Witness({ ...options, key, folder, onMisbehaviour: recorder(options) });
    const server = createWitnessServer({ witness, vkey, onFault: options.onFault });
    server.listen({ host: options.host, port: options.port });
    // Rejects with the error event, should that come first.
    await once(server, 'listening');
    const { address, port } = server.address() as AddressInfo;
    let closed: Promise<void> | undefined;
    const close = () => (closed ??= ended(server).finally(() => lock.release()));
    return { host: address, port, vkey, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** With checkpoints but without the key that cosigned them, a new key would vouch for a gap. */
async function keyOf({ folder, name, randomness }: WitnessOptions): Promise<SignerKey> {
  const file = join(folder, KEY_FILE);
  const key = await readWitnessKey(file, name);
  if (key) return key;
  if (await WitnessFolder.isUsed(folder)) {
    throw new WitnessStateDamaged(`${KEY_FILE} is gone, and the folder holds what it cosigned`);
  }
  return await makeWitnessKey(file, { name, randomness });
}

/** Evidence that cannot be kept is a fault; the log is refused all the same. */
function recorder(options: WitnessOptions): (found: Misbehaviour) => Promise<void> {
  return async (found) => {
    options.onMisbehaviour(found);
    await keepEvidence(options.folder, found).catch(options.onFault);
  };
}

function ended(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
    server.close((error) => {
      clearTimeout(cut);
      if (error) reject(error);
      else resolve();
    });
    server.closeIdleConnections();
  });
}
