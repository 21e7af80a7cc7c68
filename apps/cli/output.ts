import { once } from 'node:events';

/** Columns wider than this are cut in tables; `--json` has everything. */
const CELL_WIDTH_MAX = 44;

/** One JSON object on a line of its own. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A line for people while something is under way; never mixed with results. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Writes lines as fast as the reader takes them. */
export async function printLines(lines: AsyncIterable<string>): Promise<void> {
  for await (const line of lines) {
    if (!process.stdout.write(line)) await once(process.stdout, 'drain');
  }
}

export type Cell = string | number | boolean | null | undefined;

/** A table with a heading; numbers stand on the right. */
export function table(heading: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => row.map(cellText));
  const widths = heading.map((name, column) =>
    Math.max(name.length, ...texts.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[], values?: readonly Cell[]): string =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return typeof values?.[column] === 'number' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [
    line(heading),
    line(widths.map((width) => '─'.repeat(width))),
    ...texts.map((row, index) => line(row, rows[index])),
  ].join('\n');
}

function cellText(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return value.toLocaleString('en-US');
  // A line break inside a cell would tear the table.
  const text = String(value).replaceAll(/\s+/g, ' ');
  return text.length <= CELL_WIDTH_MAX ? text : `${text.slice(0, CELL_WIDTH_MAX - 1)}…`;
}

/** Any value as an indented outline, one member a line; empty members are left out. */
export function outline(value: unknown, depth = 0): string {
  const indent = '  '.repeat(depth);
  if (typeof value !== 'object' || value === null) return `${indent}${String(value)}`;
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
  return entries
    .filter(([, member]) => !isEmpty(member))
    .map(([name, member]) =>
      typeof member === 'object' && member !== null && !isFlat(member)
        ? `${indent}${name}:\n${outline(member, depth + 1)}`
        : `${indent}${name}: ${flat(member)}`,
    )
    .join('\n');
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function isFlat(value: object): boolean {
  return Array.isArray(value) && value.every((item) => typeof item !== 'object');
}

function flat(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** Megabytes and the like, for people. */
export function sizeText(bytes: number): string {
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(0)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
