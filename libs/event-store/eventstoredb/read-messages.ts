import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { canonicalJson, type CanonicalJson, type Position, type StoredEvent } from '#kernel';
import { uuidOf } from './append-messages.js';

export type Direction = 'forwards' | 'backwards';

const JSON_CONTENT = 'application/json';
const OPENING_BRACE = 0x7b;
const DOLLAR = 0x24;
/** Types that do not begin with `$`, which are the server's own. */
const NOT_SYSTEM = '^[^\\$].*';
/** Events that a subscription at rest looks at between two checkpoints, which nobody needs here. */
const SEARCH_WINDOW_COUNT = 1_000;
const CHECKPOINT_WINDOWS = 100;

/** A read of one stream; from its first or last event when no revision is given. */
export function streamRequest(
  stream: string,
  range: {
    readonly direction: Direction;
    readonly from: number | undefined;
    readonly countMax: number;
  },
): ReadReq {
  const options = streamOptions(range.direction, range.countMax);
  const of = new streamsPb.ReadReq.Options.StreamOptions();
  const identifier = new sharedPb.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream, 'utf8'));
  of.setStreamIdentifier(identifier);
  if (range.from !== undefined) of.setRevision(String(range.from));
  else if (range.direction === 'forwards') of.setStart(new sharedPb.Empty());
  else of.setEnd(new sharedPb.Empty());
  return request(options.setStream(of).setNoFilter(new sharedPb.Empty()));
}

/** A read of everything, inclusive; the server cannot filter it. */
export function allRequest(range: {
  readonly direction: Direction;
  readonly from: Position | undefined;
  readonly countMax: number;
}): ReadReq {
  const options = streamOptions(range.direction, range.countMax);
  const all = new streamsPb.ReadReq.Options.AllOptions();
  if (range.from !== undefined) all.setPosition(positionMessage(range.from));
  else if (range.direction === 'forwards') all.setStart(new sharedPb.Empty());
  else all.setEnd(new sharedPb.Empty());
  return request(options.setAll(all).setNoFilter(new sharedPb.Empty()));
}

/** A subscription to everything but the server's own events, exclusive of its start. */
export function subscriptionRequest(after: Position | undefined): ReadReq {
  const options = new streamsPb.ReadReq.Options();
  options.setSubscription(new streamsPb.ReadReq.Options.SubscriptionOptions());
  options.setUuidOption(uuidAsText());
  const all = new streamsPb.ReadReq.Options.AllOptions();
  if (after === undefined) all.setStart(new sharedPb.Empty());
  else all.setPosition(positionMessage(after));
  const expression = new streamsPb.ReadReq.Options.FilterOptions.Expression();
  expression.setRegex(NOT_SYSTEM);
  const filter = new streamsPb.ReadReq.Options.FilterOptions();
  filter.setEventType(expression);
  filter.setMax(SEARCH_WINDOW_COUNT);
  filter.setCheckpointintervalmultiplier(CHECKPOINT_WINDOWS);
  return request(options.setAll(all).setFilter(filter));
}

function streamOptions(direction: Direction, countMax: number): ReadReq.Options {
  const options = new streamsPb.ReadReq.Options();
  const { FORWARDS, BACKWARDS } = streamsPb.ReadReq.Options.ReadDirection;
  options.setReadDirection(direction === 'forwards' ? FORWARDS : BACKWARDS);
  options.setCount(String(countMax));
  return options.setUuidOption(uuidAsText());
}

function request(options: ReadReq.Options): ReadReq {
  const message = new streamsPb.ReadReq();
  return message.setOptions(options.setResolveLinks(false));
}

function uuidAsText() {
  const option = new streamsPb.ReadReq.Options.UUIDOption();
  return option.setString(new sharedPb.Empty());
}

function positionMessage(position: Position) {
  const message = new streamsPb.ReadReq.Options.Position();
  return message.setCommitPosition(position).setPreparePosition(position);
}

/** An event of the log, or only its place when it is one of the server's own. */
export type Seen = { readonly position: Position; readonly event: StoredEvent | undefined };

/** What a message of a read brings; undefined when it brings no event. */
export function seenIn(response: ReadResp): Seen | undefined {
  const place = placeIn(response);
  if (!place) return undefined;
  return { position: place.position, event: place.isOurs ? eventIn(response) : undefined };
}

/** The event in a message, whoever's it is. */
export function eventIn(response: ReadResp): StoredEvent | undefined {
  const recorded = response.getEvent()?.getEvent();
  if (!recorded) return undefined;
  const types = recorded.getMetadataMap();
  const data = recorded.getData_asU8();
  return {
    position: recorded.getCommitPosition(),
    stream: textOf(recorded.getStreamIdentifier()?.getStreamName_asU8()),
    revision: Number(recorded.getStreamRevision()),
    id: uuidOf(recorded.getId()),
    type: types.get('type') ?? '',
    data: types.get('content-type') === JSON_CONTENT ? jsonOf(data) : enclosed(data),
    metadata: metadataOf(recorded.getCustomMetadata_asU8()),
  };
}

/** The place of a user's event, without the cost of its content; undefined for all else. */
export function placeIn(
  response: ReadResp,
): { readonly position: Position; readonly isOurs: boolean } | undefined {
  const recorded = response.getEvent()?.getEvent();
  if (!recorded) return undefined;
  const type = recorded.getMetadataMap().get('type') ?? '';
  const name = recorded.getStreamIdentifier()?.getStreamName_asU8();
  const isOurs = !type.startsWith('$') && name?.[0] !== DOLLAR;
  return { position: recorded.getCommitPosition(), isOurs };
}

/** Other programs may write what they like beside ours, and must not stop our readers. */
function metadataOf(bytes: Uint8Array): CanonicalJson {
  if (bytes.length === 0) return canonicalJson({});
  return bytes[0] === OPENING_BRACE ? jsonOf(bytes) : enclosed(bytes);
}

/** What this program appended was canonical, and comes back byte for byte. */
function jsonOf(bytes: Uint8Array): CanonicalJson {
  return textOf(bytes) as CanonicalJson;
}

function enclosed(bytes: Uint8Array): CanonicalJson {
  return canonicalJson({ $base64: Buffer.from(bytes).toString('base64') });
}

function textOf(bytes: Uint8Array | undefined): string {
  if (!bytes) return '';
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
