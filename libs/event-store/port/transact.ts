import {
  canonicalJson,
  eventIdOf,
  InvariantBroken,
  METADATA_VERSION,
  millisOf,
  reject,
  type CommandContext,
  type Decision,
  type DomainEvent,
  type EventMetadata,
  type NewEvent,
  type Position,
  type Randomness,
  type Recorded,
  type Rejection,
  type StoredEvent,
} from '#kernel';
import { AppendUnknown, StoreUnavailable, WrongExpectedRevision } from './errors.js';
import type { EventStore } from './event-store.js';
import type { History, StreamHistories } from './stream-histories.js';

/** How one kind of stream is read: from stored bytes to events, from events to state. */
export type StreamReader<State, Event extends DomainEvent> = {
  /** The one door where stored bytes become events of today's shape. */
  readonly decode: (stored: StoredEvent) => Recorded<Event>;
  readonly initial: State;
  readonly evolve: (state: State, event: Recorded<Event>) => State;
  /** Version of the shape that this program writes for an event type. */
  readonly schemaVersionOf: (type: Event['type']) => number;
};

export type Decide<State, Command, Event extends DomainEvent> = (
  state: State,
  command: Command,
  context: CommandContext,
) => Decision<Event>;

/** One command with what surrounds it. Make it with {@link step}, which checks that they fit. */
export type Step<State, Event extends DomainEvent> = {
  readonly context: CommandContext;
  readonly decide: (state: State, context: CommandContext) => Decision<Event>;
};

export function step<State, Command, Event extends DomainEvent>(
  decide: Decide<State, Command, Event>,
  command: Command,
  context: CommandContext,
): Step<State, Event> {
  return { context, decide: (state, moment) => decide(state, command, moment) };
}

export type Transaction<State, Event extends DomainEvent> = {
  readonly stream: string;
  readonly reader: StreamReader<State, Event>;
  /** Commands that take effect together or not at all, in this order; usually one. */
  readonly steps: readonly Step<State, Event>[];
  /** The revision the caller has seen (`If-Match`); refused when the stream has moved on. */
  readonly ifRevision?: number | undefined;
  /** Where streams read lately are remembered; must be of this reader alone. */
  readonly histories?: StreamHistories<State, Event> | undefined;
};

export type Transacted = {
  readonly kind: 'done';
  readonly stream: string;
  /** Revision of the stream's last event that these commands wrote or found. */
  readonly revision: number;
  readonly position: Position;
  /** Events written now; 0 when everything had been done before. */
  readonly eventCount: number;
  /**
   * The first event that these commands wrote, now or when they first came; undefined when there was
   * nothing to record.
   */
  readonly first: SaltedId | undefined;
};

/** An event by its id, with the salt of its metadata: what a receipt of it is made of. */
export type SaltedId = { readonly id: string; readonly salt: string };

/** How far ahead of the clock an occurrence may lie: clocks differ, the future does not happen. */
export const FUTURE_TOLERANCE_MS = 5 * 60_000;
const SALT_BYTES = 16;

type Progress<State, Event extends DomainEvent> = {
  state: State;
  /** Decided and not folded yet: only a further step needs to know the state after them. */
  unfolded: readonly Recorded<Event>[];
  readonly history: readonly Recorded<Event>[];
  readonly written: NewEvent[];
  /** The stored event that the last repeated command had written. */
  repeatedUpTo: Recorded<Event> | undefined;
  first: SaltedId | undefined;
};

/**
 * Commands against one stream: read, fold, decide, append with the revision that was read.
 * Durable when it resolves with `done`; a refusal has written nothing. The same command id again
 * answers as the first time, or is refused when it now says something else.
 *
 * Refusals of its own: `revision.mismatch` (the caller saw another revision), `revision.conflict`
 * (somebody was quicker), `idempotency.key-reused`, `moment.in-the-future`.
 *
 * @throws EventTooLarge, StoreUnavailable, AppendUnknown as {@link EventStore.append} does;
 * NotCanonical when the data cannot be stored.
 */
export async function transact<State, Event extends DomainEvent>(
  store: EventStore,
  randomness: Randomness,
  transaction: Transaction<State, Event>,
): Promise<Transacted | Rejection> {
  const { stream, steps } = transaction;
  const { events: history, state } = await readHistory(store, transaction);
  const progress: Progress<State, Event> = {
    state,
    unfolded: [],
    history,
    written: [],
    repeatedUpTo: undefined,
    first: undefined,
  };
  for (const one of steps) {
    const refusal = take(one, transaction, progress, randomness);
    if (refusal) return refusal;
  }
  const last = progress.repeatedUpTo ?? history.at(-1);
  if (progress.written.length > 0) {
    const appended = await append(store, stream, history.length - 1, progress.written);
    // The same ids came a moment earlier, from a twin of this call. Its events are in the stream by
    // now, so this time they are compared with what is asked here, and nothing is appended again.
    if (appended.kind === 'repeated') return await transact(store, randomness, transaction);
    if (appended.kind === 'rejected') return appended;
    return { ...appended, first: progress.first };
  }
  if (!last) throw new InvariantBroken(`${stream}: accepted without events or history`);
  return {
    kind: 'done',
    stream,
    revision: last.revision,
    position: last.position,
    eventCount: 0,
    first: progress.first,
  };
}

async function readHistory<State, Event extends DomainEvent>(
  store: EventStore,
  { stream, reader, histories }: Transaction<State, Event>,
): Promise<History<State, Event>> {
  const known = histories?.get(stream) ?? { events: [], state: reader.initial, size: 0 };
  const stored = await store.readStream(stream, { from: known.events.length });
  if (stored.length === 0) return known;
  const later = stored.map((event) => reader.decode(event));
  const history = {
    events: known.events.length === 0 ? later : [...known.events, ...later],
    state: later.reduce(reader.evolve, known.state),
    size: stored.reduce(
      (sum, { data, metadata }) => sum + data.length + metadata.length,
      known.size,
    ),
  };
  histories?.remember(stream, history);
  return history;
}

function take<State, Event extends DomainEvent>(
  one: Step<State, Event>,
  transaction: Transaction<State, Event>,
  progress: Progress<State, Event>,
  randomness: Randomness,
): Rejection | undefined {
  const { reader, stream, ifRevision } = transaction;
  const { context } = one;
  const earlier = progress.history.filter((e) => e.metadata.commandId === context.commandId);
  if (earlier.length > 0) {
    progress.repeatedUpTo = earlier.at(-1);
    progress.first ??= firstOf(earlier);
    return refuseReuse(one, reader, progress.history, earlier);
  }
  const future = refuseFuture(context);
  if (future) return future;
  const revision = progress.history.length - 1;
  if (ifRevision !== undefined && ifRevision !== revision) {
    return reject('revision.mismatch', `is at revision ${revision}, not at ${ifRevision}`);
  }
  progress.state = progress.unfolded.reduce(reader.evolve, progress.state);
  const decision = one.decide(progress.state, context);
  if (decision.kind === 'rejected') return decision;
  const first = progress.history.length + progress.written.length;
  progress.unfolded = decision.events.map((event, ordinal) => {
    const { type, data } = event;
    const metadata = metadataOf(context, reader.schemaVersionOf(type), randomness);
    const id = eventIdOf(context.commandId, ordinal);
    progress.written.push({
      id,
      type,
      data: canonicalJson(data),
      metadata: canonicalJson(metadata),
    });
    const place = { id, stream, revision: first + ordinal, position: '' };
    // An event is its type and data: with its place and metadata it is a recorded one.
    return { type, data, ...place, metadata } as Recorded<Event>;
  });
  progress.first ??= firstOf(progress.unfolded);
  return undefined;
}

function firstOf([event]: readonly Recorded[]): SaltedId | undefined {
  return event && { id: event.id, salt: event.metadata.salt };
}

type Appending = Omit<Transacted, 'first'> | Rejection | { readonly kind: 'repeated' };

async function append(
  store: EventStore,
  stream: string,
  revision: number,
  events: readonly NewEvent[],
): Promise<Appending> {
  try {
    const appended = await store.append(stream, revision < 0 ? 'no-stream' : revision, events);
    if (appended.repeated) return { kind: 'repeated' };
    if (appended.unverified && !(await isOurs(store, stream, { revision, events }))) {
      return { kind: 'repeated' };
    }
    const { position } = appended;
    return {
      kind: 'done',
      stream,
      revision: appended.revision,
      position,
      eventCount: events.length,
    };
  } catch (error) {
    if (!(error instanceof WrongExpectedRevision)) throw error;
    return reject('revision.conflict', 'somebody else made a change at the same time');
  }
}

/** The salt in the metadata is of this call alone: the same bytes were written by nobody else. */
async function isOurs(
  store: EventStore,
  stream: string,
  written: { readonly revision: number; readonly events: readonly NewEvent[] },
): Promise<boolean> {
  const from = written.revision + 1;
  const [stored] = await readBack(store, stream, from);
  return stored?.metadata === written.events[0]?.metadata;
}

/** What cannot be read back is stored all the same: nobody may be told that nothing was. */
async function readBack(
  store: EventStore,
  stream: string,
  revision: number,
): Promise<readonly StoredEvent[]> {
  try {
    return await store.readStream(stream, { from: revision, to: revision });
  } catch (cause) {
    if (!(cause instanceof StoreUnavailable)) throw cause;
    const message = `${stream}: stored, perhaps by a twin of this call; it cannot be read back`;
    throw new AppendUnknown(message, { cause });
  }
}

function metadataOf(
  context: CommandContext,
  schemaVersion: number,
  randomness: Randomness,
): EventMetadata {
  const { now, occurredAt, reason, commandId, causationId } = context;
  const correlationId = context.correlationId ?? commandId;
  // Every member in canonical order, for nothing need be sorted then; undefined ones are left out.
  return {
    $causationId: causationId,
    $correlationId: correlationId,
    actor: context.actor,
    causationId,
    commandId,
    correlationId,
    occurredAt: occurredAt === now ? undefined : occurredAt,
    reason,
    recordedAt: now,
    salt: Buffer.from(randomness.bytes(SALT_BYTES)).toString('base64url'),
    schemaVersion,
    v: METADATA_VERSION,
  };
}

function refuseFuture({ occurredAt, now }: CommandContext): Rejection | undefined {
  if (occurredAt === undefined) return undefined;
  if (millisOf(occurredAt) <= millisOf(now) + FUTURE_TOLERANCE_MS) return undefined;
  return reject('moment.in-the-future', `occurredAt ${occurredAt} has not come yet`);
}

/**
 * The command was handled before. Deciding again on the state it met then, at the moment it was
 * handled then, must give the same events; otherwise the id stands for something else now.
 */
function refuseReuse<State, Event extends DomainEvent>(
  one: Step<State, Event>,
  reader: StreamReader<State, Event>,
  history: readonly Recorded<Event>[],
  earlier: readonly Recorded<Event>[],
): Rejection | undefined {
  const first = earlier[0];
  if (!first) throw new InvariantBroken('a repeated command has at least one event');
  const before = history.slice(0, first.revision).reduce(reader.evolve, reader.initial);
  const moment = { ...one.context, now: first.metadata.recordedAt };
  const again = one.decide(before, moment);
  const same =
    again.kind === 'accepted' &&
    again.events.length === earlier.length &&
    earlier.every((event, index) => sameEvent(event, again.events[index], moment));
  if (same) return undefined;
  return reject('idempotency.key-reused', 'this key stood for a different request before');
}

function sameEvent<Event extends DomainEvent>(
  stored: Recorded<Event>,
  again: Event | undefined,
  moment: CommandContext,
): boolean {
  const { metadata } = stored;
  return (
    again?.type === stored.type &&
    canonicalJson(again.data) === canonicalJson(stored.data) &&
    (moment.occurredAt ?? metadata.recordedAt) === (metadata.occurredAt ?? metadata.recordedAt) &&
    moment.reason === metadata.reason
  );
}
