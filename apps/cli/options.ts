import { Command, InvalidArgumentError } from 'commander';
import {
  ConfigurationInvalid,
  openEmbeddedStores,
  openStores,
  readConfiguration,
  type Configuration,
  type EmbeddedStores,
  type OpenMode,
  type Stores,
} from '#wiring';
import { reachServers } from './reach-servers.js';

/** What every command takes. */
export type CommonOptions = { readonly dataDir?: string; readonly json?: true };

/** A subcommand with the options that all have. */
export function commandOf(name: string, summary: string): Command {
  return new Command(name)
    .description(summary)
    .option('--data-dir <dir>', 'folder of the store (default: REDRESS_DATA_DIR or .redress)')
    .option('--json', 'one JSON object, or one a line for streams, on stdout');
}

export function configurationOf({ dataDir }: CommonOptions): Configuration {
  return readConfiguration(process.env, dataDir === undefined ? {} : { dataDir });
}

/**
 * Runs work on opened stores and closes them, whatever happens.
 * @throws what opening throws; what {@link reachServers} throws when a server does not answer.
 */
export async function withStores<Result>(
  options: CommonOptions,
  mode: OpenMode,
  work: (stores: Stores, configuration: Configuration) => Promise<Result>,
): Promise<Result> {
  const configuration = configurationOf(options);
  const stores = await openStores(configuration, mode);
  try {
    await reachServers(stores.probes);
    return await work(stores, configuration);
  } finally {
    await stores.close();
  }
}

/**
 * As {@link withStores}, for what only files can do.
 * @throws ConfigurationInvalid when stores are servers; `instead` says what to use then.
 */
export async function withEmbeddedStores<Result>(
  options: CommonOptions,
  { mode, instead }: { readonly mode: OpenMode; readonly instead: string },
  work: (stores: EmbeddedStores, configuration: Configuration) => Promise<Result>,
): Promise<Result> {
  const configuration = configurationOf(options);
  refuseServers(configuration, instead);
  const stores = await openEmbeddedStores(configuration, mode);
  try {
    return await work(stores, configuration);
  } finally {
    await stores.close();
  }
}

/** @throws ConfigurationInvalid */
export function refuseServers({ stores }: Configuration, instead: string): void {
  if (stores === 'embedded') return;
  throw new ConfigurationInvalid('REDRESS_STORES', `is "servers": ${instead}`);
}

/** An option's whole number within bounds. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}.`);
  };
}

/** Gathers an option that may be given several times. */
export function gather(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
