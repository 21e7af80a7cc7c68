import type { StoredEvent } from '#kernel';
import { SCOPE_WORDS_MAX } from './pack-bounds.js';
import { PackRefused } from './pack-errors.js';

/** What of a stream is shown. Leaf and proof of what is withheld stay in the pack. */
export type ScopeFilter = {
  /** Event types and revisions whose payloads are left out. */
  readonly withhold?: readonly string[];
  /** Event types of which alone the payloads are shown; all of them when empty. */
  readonly only?: readonly string[];
};

const REVISION = /^(?:0|[1-9]\d{0,14})$/;

/**
 * Revisions to withhold, ascending.
 * @throws PackRefused `ledger.unknown-scope` for a type or revision that the stream does not have:
 * misspelt, it would show what was to be withheld.
 */
export function withheldRevisions(
  events: readonly StoredEvent[],
  { withhold = [], only = [] }: ScopeFilter,
): readonly number[] {
  if (withhold.length + only.length > SCOPE_WORDS_MAX) {
    throw new PackRefused('ledger.unknown-scope', `at most ${SCOPE_WORDS_MAX} types and revisions`);
  }
  const types = new Set(events.map(({ type }) => type));
  const revisions = new Set(withhold.filter((word) => REVISION.test(word)).map(Number));
  const unknown = [
    ...[...revisions].filter((revision) => revision >= events.length).map(String),
    ...withhold.filter((word) => !REVISION.test(word) && !types.has(word)),
    ...only.filter((word) => !types.has(word)),
  ];
  if (unknown.length > 0) {
    throw new PackRefused(
      'ledger.unknown-scope',
      `there is no ${unknown.map((word) => JSON.stringify(word)).join(', ')} among the ` +
        `${events.length} events (${[...types].join(', ')})`,
    );
  }
  const isWithheld = ({ type, revision }: StoredEvent): boolean =>
    revisions.has(revision) || withhold.includes(type) || (only.length > 0 && !only.includes(type));
  return events.filter(isWithheld).map(({ revision }) => revision);
}
