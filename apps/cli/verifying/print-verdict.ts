import type { Fault, PackVerdict, Verdict } from '#evidence';
import { outline, print, table } from '../output.js';
import type { ReceiptVerdict } from './verify-receipt.js';

/** The verdict for people: what was found, what was checked, and what none of it proves. */
export function printVerdict(
  verdict: Verdict | PackVerdict | ReceiptVerdict,
  seconds: number,
): void {
  const { ok, size, checked, origin, faults, faultCount, checks, notProved } = verdict;
  const of = `${checked.toLocaleString('en-US')} ${checked === 1 ? 'leaf' : 'leaves'} of ${origin ?? 'an unknown log'}`;
  print(
    ok
      ? `VERIFIED: ${of}, at a checkpoint of ${size.toLocaleString('en-US')} (${seconds.toFixed(1)} s)`
      : `NOT VERIFIED: ${faultCount} ${faultCount === 1 ? 'fault' : 'faults'} found (${seconds.toFixed(1)} s)`,
  );
  if (faults.length > 0) printFaults(faults, faultCount);
  if ('leaf' in verdict) print(`\nThe entry:\n${outline(verdict.leaf, 1)}`);
  printList('Checked:', checks);
  printList('Not proved:', notProved);
}

function printFaults(faults: readonly Fault[], faultCount: number): void {
  print('');
  print(
    table(
      ['what', 'index', 'event or path', 'reason'],
      faults.map(({ what, index, eventId, path }, at) => [
        what,
        index === null ? '' : String(index),
        harmless(eventId ?? path ?? ''),
        `(${at + 1})`,
      ]),
    ),
  );
  // A reason is a sentence, and a table would cut it.
  for (const [at, { reason }] of faults.entries()) print(`(${at + 1}) ${harmless(reason)}`);
  if (faultCount > faults.length) print(`… and ${faultCount - faults.length} more`);
}

/** Whoever made what is verified chose its names: none of them may command the terminal. */
function harmless(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
}

function printList(heading: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  print(`\n${heading}`);
  for (const line of lines) print(`  · ${line}`);
}
