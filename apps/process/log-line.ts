import type { WriteText } from '#http';

/** A line of a process's own log: one JSON object. No addresses of complaints, no credentials. */
export type LogLine = {
  readonly level: 'info' | 'warn' | 'error';
  /** What it is about: `projector`, `eventstore`, … */
  readonly what: string;
  readonly [member: string]: string | number | boolean | undefined;
};

export function writeLine(write: WriteText, line: LogLine): void {
  write(`${JSON.stringify({ at: new Date().toISOString(), ...line })}\n`);
}

/**
 * A fault of a part of the process: its code, which the manual is looked up by, and the stack, which
 * names our files and functions.
 */
export function writeFault(write: WriteText, what: string, error: unknown): void {
  const stack = error instanceof Error ? error.stack : 'a thing that is no error was thrown';
  writeLine(write, { level: 'error', what, code: codeOf(error), stack });
}

/** The stable code of an error, or the name of its kind. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

export function toStandardError(text: string): void {
  process.stderr.write(text);
}
