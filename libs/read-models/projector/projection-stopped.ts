import type { StoredEvent } from '#kernel';

/**
 * An event could not be decoded or folded. Nothing after it is projected: leaving it out would make
 * every number that follows silently wrong. Trying again is of no use, the program must change.
 */
export class ProjectionStopped extends Error {
  override readonly name = 'ProjectionStopped';
  readonly code = 'projection.stopped';
  readonly eventId: string;
  readonly position: string;

  /** `during` says what was tried, e.g. `decoded`. The event's content is not told: it is personal. */
  constructor(event: StoredEvent, during: string, options?: ErrorOptions) {
    super(
      `event ${event.id} (${event.type}, position ${event.position}) cannot be ${during}`,
      options,
    );
    this.eventId = event.id;
    this.position = event.position;
  }
}
