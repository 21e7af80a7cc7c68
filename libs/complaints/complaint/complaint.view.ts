import {
  allowedCommands,
  nextStep,
  type CommandName,
  type NextStep,
} from './complaint.lifecycle.js';
import type { Complaint } from './complaint.state.js';

/** A complaint as it is shown: what its events tell, what comes next and what may be done. */
export type ComplaintView = Complaint & {
  readonly nextStep: NextStep;
  readonly allowed: readonly CommandName[];
};

export function viewOf(complaint: Complaint): ComplaintView {
  return { ...complaint, nextStep: nextStep(complaint), allowed: allowedCommands(complaint) };
}

/** What differs at one path; a side that has nothing there lacks its member. */
export type Change = {
  /** `assignment.team`, `contacts[2].summary`. */
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
};

/**
 * What changed from one view to another, in order of path; undefined stands for a complaint that
 * is not lodged. Lists of records are compared by place, lists of words as one value each.
 */
export function diff(
  from: ComplaintView | undefined,
  to: ComplaintView | undefined,
): readonly Change[] {
  return changes('', from, to);
}

function changes(path: string, from: unknown, to: unknown): readonly Change[] {
  if (Object.is(from, to)) return [];
  if (Array.isArray(from) && Array.isArray(to)) return listChanges(path, from, to);
  if (isRecord(from) && isRecord(to)) return recordChanges(path, from, to);
  return [{ path, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }];
}

function listChanges(
  path: string,
  from: readonly unknown[],
  to: readonly unknown[],
): readonly Change[] {
  const longer = from.length > to.length ? from : to;
  const ofWords = [...from, ...to].every((item) => typeof item === 'string');
  if (ofWords) {
    const same = longer.every((_item, index) => from[index] === to[index]);
    return same ? [] : [{ path, from, to }];
  }
  return longer.flatMap((_item, index) => changes(`${path}[${index}]`, from[index], to[index]));
}

function recordChanges(
  path: string,
  from: Readonly<Record<string, unknown>>,
  to: Readonly<Record<string, unknown>>,
): readonly Change[] {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].toSorted();
  const prefix = path === '' ? '' : `${path}.`;
  return names.flatMap((name) => changes(`${prefix}${name}`, from[name], to[name]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
