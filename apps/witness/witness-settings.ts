import { resolve } from 'node:path';
import { ConfigurationInvalid, type Environment } from '#wiring';

/** What a witness is told. */
export type WitnessSettings = {
  /** Name of its key. */
  readonly name: string;
  /** Absolute path of the folder that holds its key and what it cosigned. */
  readonly folder: string;
  /** A policy whose `log` lines name the logs that it witnesses. */
  readonly logsFile?: string;
  /** Further logs by their vkeys. */
  readonly vkeys: readonly string[];
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
};

/** Other than the server's: a witness of one's own may run beside it. */
export const WITNESS_PORT_DEFAULT = 3_010;
export const WITNESS_HOST_DEFAULT = '127.0.0.1';
const PORT_MAX = 65_535;

/** Reads the witness's variables. @throws ConfigurationInvalid naming the variable. */
export function readWitnessSettings(environment: Environment): WitnessSettings {
  const logsFile = textOf(environment['REDRESS_WITNESS_POLICY_FILE']);
  const vkeys = textOf(environment['REDRESS_WITNESS_LOGS'])?.split(/\s+/) ?? [];
  if (logsFile === undefined && vkeys.length === 0) {
    throw new ConfigurationInvalid(
      'REDRESS_WITNESS_POLICY_FILE',
      'name a policy file with the logs to witness, or their vkeys in REDRESS_WITNESS_LOGS',
    );
  }
  return {
    name: needed('REDRESS_WITNESS_NAME', environment),
    folder: resolve(needed('REDRESS_WITNESS_DIR', environment)),
    ...(logsFile === undefined ? {} : { logsFile: resolve(logsFile) }),
    vkeys,
    host: textOf(environment['HOST']) ?? WITNESS_HOST_DEFAULT,
    port: portOf(textOf(environment['PORT'])),
  };
}

function needed(name: string, environment: Environment): string {
  const value = textOf(environment[name]);
  if (value !== undefined) return value;
  throw new ConfigurationInvalid(name, 'is needed');
}

function portOf(value: string | undefined): number {
  if (value === undefined) return WITNESS_PORT_DEFAULT;
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (port <= PORT_MAX) return port;
  throw new ConfigurationInvalid('PORT', `must be a number from 0 to ${PORT_MAX}, not "${value}"`);
}

/** An empty variable counts as not set. */
function textOf(value: string | undefined): string | undefined {
  const text = value?.trim();
  return text === '' ? undefined : text;
}
