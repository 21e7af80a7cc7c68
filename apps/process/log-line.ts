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

/** A fault of a part of the process. The stack names our files and functions. */
export function writeFault(write: WriteText, what: string, error: unknown): void {
  const stack = error instanceof Error ? error.stack : 'a thing that is no error was thrown';
  writeLine(write, { level: 'error', what, stack });
}

export function toStandardError(text: string): void {
  process.stderr.write(text);
}
