import { readFileSync } from 'node:fs';

/** A setting is missing or cannot be. The message names the variable, and never its value. */
export class ConfigurationInvalid extends Error {
  override readonly name = 'ConfigurationInvalid';
  readonly code = 'configuration.invalid';

  constructor(
    readonly variable: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${variable}: ${problem}`, options);
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** An empty variable counts as not set, as most tools that pass variables on expect. */
export function valueOf(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === '' ? undefined : value;
}

/** Characters of a file that holds one setting; anything longer is another file. */
const SECRET_LENGTH_MAX = 10_000;

/**
 * A setting that may hold credentials: from the variable, or from the file that `<NAME>_FILE` names,
 * as container engines hand secrets over. White space around it does not count.
 *
 * @throws ConfigurationInvalid both are set; the file cannot be read, is empty, or is far too long.
 */
export function secretOf(environment: Environment, name: string): string | undefined {
  const value = valueOf(environment, name);
  const file = valueOf(environment, `${name}_FILE`);
  if (file === undefined) return value;
  const variable = `${name}_FILE`;
  if (value !== undefined) throw new ConfigurationInvalid(variable, `set it or ${name}, not both`);
  const content = contentOf(variable, file).trim();
  if (content === '') throw new ConfigurationInvalid(variable, 'the file is empty');
  if (content.length > SECRET_LENGTH_MAX) {
    throw new ConfigurationInvalid(variable, `the file is over ${SECRET_LENGTH_MAX} characters`);
  }
  return content;
}

function contentOf(variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new ConfigurationInvalid(variable, `the file cannot be read (${code})`, { cause });
  }
}

/** One of some words. */
export function oneOf<Word extends string>(
  name: string,
  value: string,
  words: readonly Word[],
): Word {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  const quoted = words.map((word) => `"${word}"`).join(' or ');
  throw new ConfigurationInvalid(name, `must be ${quoted}, not "${value}"`);
}
