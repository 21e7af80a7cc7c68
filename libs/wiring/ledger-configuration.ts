import { join, resolve } from 'node:path';
import { ConfigurationInvalid, oneOf, valueOf, type Environment } from './environment.js';

/** Whether and how the log is signed. */
export type LedgerConfiguration =
  | { readonly kind: 'off' }
  | {
      readonly kind: 'on';
      /** Absolute path of the folder with tiles and checkpoints. */
      readonly directory: string;
      /** Absolute path of the key that signs. */
      readonly keyFile: string;
      /** Absolute path of a folder, or an http(s) URL, for the last signed checkpoint. */
      readonly outside?: string;
      /** Absolute path of a tlog-policy whose witnesses are asked to cosign. */
      readonly policyFile?: string;
      /** An RFC 3161 authority. The URL may hold a secret path: never print it. */
      readonly timeUrl?: string;
      readonly timeEveryHours: number;
    };

const TIME_EVERY_HOURS_DEFAULT = 1;
const TIME_EVERY_HOURS_MAX = 8_760;
const HTTP_URL = /^https?:\/\/[^\s/]+/;

/** @throws ConfigurationInvalid naming the variable. */
export function ledgerOf(environment: Environment, dataDir: string): LedgerConfiguration {
  const value = valueOf(environment, 'REDRESS_LEDGER') ?? 'on';
  const kind = oneOf('REDRESS_LEDGER', value, ['on', 'off']);
  if (kind === 'off') return { kind };
  const directory = valueOf(environment, 'REDRESS_LEDGER_DIR');
  const keyFile = valueOf(environment, 'REDRESS_LEDGER_KEY_FILE');
  const outside = valueOf(environment, 'REDRESS_LEDGER_OUTSIDE');
  const policyFile = valueOf(environment, 'REDRESS_LEDGER_POLICY_FILE');
  const timeUrl = httpUrlOf(
    'REDRESS_LEDGER_TIME_URL',
    valueOf(environment, 'REDRESS_LEDGER_TIME_URL'),
  );
  return {
    kind,
    directory: directory === undefined ? join(dataDir, 'ledger') : resolve(directory),
    keyFile: keyFile === undefined ? join(dataDir, 'ledger.key') : resolve(keyFile),
    ...(outside === undefined ? {} : { outside: placeOf(outside) }),
    ...(policyFile === undefined ? {} : { policyFile: resolve(policyFile) }),
    ...(timeUrl === undefined ? {} : { timeUrl }),
    timeEveryHours: hoursOf(valueOf(environment, 'REDRESS_LEDGER_TIME_EVERY')),
  };
}

/** An http or https URL without a slash at its end. @throws ConfigurationInvalid without the value. */
export function httpUrlOf(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (!HTTP_URL.test(value) || !URL.canParse(value)) {
    throw new ConfigurationInvalid(name, 'must be a URL that begins with http:// or https://');
  }
  return value.replace(/\/+$/, '');
}

function placeOf(value: string): string {
  if (!/^[a-z+]+:\/\//i.test(value)) return resolve(value);
  httpUrlOf('REDRESS_LEDGER_OUTSIDE', value);
  return value;
}

function hoursOf(value: string | undefined): number {
  if (value === undefined) return TIME_EVERY_HOURS_DEFAULT;
  const hours = /^\d{1,4}$/.test(value) ? Number(value) : Number.NaN;
  if (hours >= 1 && hours <= TIME_EVERY_HOURS_MAX) return hours;
  throw new ConfigurationInvalid(
    'REDRESS_LEDGER_TIME_EVERY',
    `must be hours from 1 to ${TIME_EVERY_HOURS_MAX}, not "${value}"`,
  );
}
