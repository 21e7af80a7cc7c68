import { happenedAt, type EventMetadata, type Instant } from '#kernel';

/**
 * When a step happened, as far as anybody knows. An import records steps of which the source names
 * no moment; that they were typed in on the day of the import says nothing of when they were taken,
 * and counting days up to it would make old complaints look years late.
 */
export function knownMoment(metadata: EventMetadata): Instant | null {
  const isUnknown = metadata.actor.via === 'import' && metadata.occurredAt === undefined;
  return isUnknown ? null : happenedAt(metadata);
}
