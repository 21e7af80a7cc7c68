import type { DomainEvent, Recorded, StoredEvent } from '#kernel';
import type { Document, Projection } from '#read-models/port';
import { ProjectionStopped } from './projection-stopped.js';

/** A projection with the door through which its events come out of storage. */
export type ProjectionSource = {
  readonly projection: Projection;
  readonly decode: (stored: StoredEvent) => Recorded<DomainEvent>;
};

/** A stream is named `<kind>-<uuid>`. */
const UUID_LENGTH = 36;

export function isOfKind(stream: string, kind: string): boolean {
  return stream.length === kind.length + 1 + UUID_LENGTH && stream.startsWith(`${kind}-`);
}

/** Decodes each event at most once, however many projections fold it. */
export class Decoded {
  private readonly events = new Map<ProjectionSource['decode'], Recorded<DomainEvent>>();

  constructor(readonly stored: StoredEvent) {}

  /** @throws ProjectionStopped */
  by(decode: ProjectionSource['decode']): Recorded<DomainEvent> {
    const known = this.events.get(decode);
    if (known) return known;
    const event = decoded(this.stored, decode);
    this.events.set(decode, event);
    return event;
  }
}

/** @throws ProjectionStopped */
export function decoded(
  stored: StoredEvent,
  decode: ProjectionSource['decode'],
): Recorded<DomainEvent> {
  try {
    return decode(stored);
  } catch (cause) {
    throw new ProjectionStopped(stored, 'decoded', { cause });
  }
}

/** @throws ProjectionStopped, as a projection that throws is not total. */
export function evolved(
  { projection }: ProjectionSource,
  document: Document | undefined,
  facts: { readonly stored: StoredEvent; readonly event: Recorded<DomainEvent> },
): Document | undefined {
  try {
    return projection.evolve(document, facts.event);
  } catch (cause) {
    throw new ProjectionStopped(facts.stored, `folded into ${projection.name}`, { cause });
  }
}
