import { status, type ServiceError, type StatusObject, Metadata } from '@grpc/grpc-js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import type { UUID } from '@eventstore/db-client/generated/shared_pb.js';
import statusPb from '@eventstore/db-client/generated/status_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type {
  BatchAppendReq,
  BatchAppendResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import anyPb from 'google-protobuf/google/protobuf/any_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import {
  APPEND_DATA_MAX_BYTES,
  type Expectation,
  type Outcome,
  type Proposed,
  type Recorded,
} from './double-log.js';

const TICKS_PER_MS = 10_000n;

/** The code of google.rpc, and the text that goes before details; not read by clients. */
const FAILED_PRECONDITION = 9;
const INVALID_ARGUMENT = 3;

export function wireOf(recorded: Recorded): Buffer {
  return (recorded.wire ??= wire((response) => response.setEvent(readEventOf(recorded))));
}

function readEventOf(recorded: Recorded) {
  const event = new streamsPb.ReadResp.ReadEvent.RecordedEvent();
  const id = new sharedPb.UUID();
  id.setString(recorded.id);
  event.setId(id);
  event.setStreamIdentifier(streamIdentifierOf(recorded.stream));
  event.setStreamRevision(String(recorded.revision));
  event.setPreparePosition(String(recorded.position));
  event.setCommitPosition(String(recorded.position));
  const created = BigInt(recorded.createdMs) * TICKS_PER_MS;
  event.getMetadataMap().set('type', recorded.type);
  event.getMetadataMap().set('created', String(created));
  event.getMetadataMap().set('content-type', recorded.contentType);
  event.setCustomMetadata(recorded.metadata);
  event.setData(recorded.data);
  const readEvent = new streamsPb.ReadResp.ReadEvent();
  readEvent.setEvent(event);
  readEvent.setCommitPosition(String(recorded.position));
  return readEvent;
}

export function confirmation(subscriptionId: string): Buffer {
  const message = new streamsPb.ReadResp.SubscriptionConfirmation();
  message.setSubscriptionId(subscriptionId);
  return wire((response) => response.setConfirmation(message));
}

export function caughtUp(): Buffer {
  return wire((response) => response.setCaughtUp(new streamsPb.ReadResp.CaughtUp()));
}

export function checkpoint(position: number): Buffer {
  const message = new streamsPb.ReadResp.Checkpoint();
  message.setCommitPosition(String(position));
  message.setPreparePosition(String(position));
  return wire((response) => response.setCheckpoint(message));
}

export function streamNotFound(stream: string): Buffer {
  const message = new streamsPb.ReadResp.StreamNotFound();
  message.setStreamIdentifier(streamIdentifierOf(stream));
  return wire((response) => response.setStreamNotFound(message));
}

function wire(fill: (response: InstanceType<typeof streamsPb.ReadResp>) => unknown): Buffer {
  const response = new streamsPb.ReadResp();
  fill(response);
  return Buffer.from(response.serializeBinary());
}

export function streamIdentifierOf(stream: string) {
  const identifier = new sharedPb.StreamIdentifier();
  identifier.setStreamName(Uint8Array.from(Buffer.from(stream, 'utf8')));
  return identifier;
}

export function streamNameOf(identifier: { getStreamName_asU8(): Uint8Array } | undefined): string {
  return identifier ? Buffer.from(identifier.getStreamName_asU8()).toString('utf8') : '';
}

export function proposedOf(message: {
  getId(): UUID | undefined;
  getMetadataMap(): { get(key: string): string | undefined };
  getData_asU8(): Uint8Array;
  getCustomMetadata_asU8(): Uint8Array;
}): Proposed {
  return {
    id: message.getId()?.getString() ?? '',
    type: message.getMetadataMap().get('type') ?? '',
    contentType: message.getMetadataMap().get('content-type') ?? '',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

export function batchExpectationOf(options: BatchAppendReq.Options): Expectation {
  if (options.hasNoStream()) return 'no-stream';
  if (options.hasStreamExists()) return 'stream-exists';
  return options.hasAny() ? 'any' : Number(options.getStreamPosition());
}

export function batchAnswer(
  request: { readonly correlationId: UUID | undefined; readonly stream: string },
  expected: Expectation,
  outcome: Outcome,
): BatchAppendResp {
  const response = new streamsPb.BatchAppendResp();
  response.setCorrelationId(structured(request.correlationId));
  response.setStreamIdentifier(streamIdentifierOf(request.stream));
  if (outcome.kind === 'written' || outcome.kind === 'idempotent') {
    const success = new streamsPb.BatchAppendResp.Success();
    success.setCurrentRevision(String(outcome.revision));
    const position = new sharedPb.AllStreamPosition();
    position.setCommitPosition(String(outcome.position));
    position.setPreparePosition(String(outcome.position));
    success.setPosition(position);
    response.setSuccess(success);
    return response;
  }
  response.setError(errorStatusOf(outcome, expected));
  return response;
}

/** The real server answers ids as two signed numbers, whatever form they came in. */
function structured(id: UUID | undefined): UUID {
  const hex = (id?.getString() ?? '').replaceAll('-', '');
  const halves = new sharedPb.UUID.Structured();
  halves.setMostSignificantBits(String(BigInt.asIntN(64, BigInt(`0x${hex.slice(0, 16)}`))));
  halves.setLeastSignificantBits(String(BigInt.asIntN(64, BigInt(`0x${hex.slice(16)}`))));
  const message = new sharedPb.UUID();
  message.setStructured(halves);
  return message;
}

type Refusal = Exclude<Outcome, { readonly kind: 'written' | 'idempotent' }>;

function errorStatusOf(outcome: Refusal, expected: Expectation) {
  const answer = new statusPb.Status();
  const details = new anyPb.Any();
  if (outcome.kind === 'wrong-version') {
    const message = wrongVersionOf(outcome.current, expected);
    details.pack(message.serializeBinary(), 'event_store.client.WrongExpectedVersion');
    answer.setCode(FAILED_PRECONDITION);
    answer.setMessage('WrongExpectedVersion');
  } else if (outcome.kind === 'too-large') {
    const message = new sharedPb.MaximumAppendSizeExceeded();
    message.setMaxappendsize(APPEND_DATA_MAX_BYTES);
    details.pack(message.serializeBinary(), 'event_store.client.MaximumAppendSizeExceeded');
    answer.setCode(INVALID_ARGUMENT);
    answer.setMessage('MaximumAppendSizeExceeded');
  } else if (outcome.kind === 'not-handled') {
    details.pack(new emptyPb.Empty().serializeBinary(), 'google.protobuf.Empty');
    answer.setMessage(outcome.message);
  } else {
    const message = new sharedPb.BadRequest();
    message.setMessage(outcome.message);
    details.pack(message.serializeBinary(), 'event_store.client.BadRequest');
    answer.setCode(INVALID_ARGUMENT);
    // What the client then says: "Could not recognize BadRequest".
    answer.setMessage('BadRequest');
  }
  answer.setDetails(details);
  return answer;
}

function wrongVersionOf(current: number | undefined, expected: Expectation) {
  const message = new sharedPb.WrongExpectedVersion();
  if (current === undefined) message.setCurrentNoStream(new emptyPb.Empty());
  else message.setCurrentStreamRevision(String(current));
  if (expected === 'any') message.setExpectedAny(new emptyPb.Empty());
  else if (expected === 'no-stream') message.setExpectedNoStream(new emptyPb.Empty());
  else if (expected === 'stream-exists') message.setExpectedStreamExists(new emptyPb.Empty());
  else message.setExpectedStreamPosition(String(expected));
  return message;
}

/** What a call ends with when it does not end well. */
export function grpcError(code: status, details: string): ServiceError & Partial<StatusObject> {
  return Object.assign(new Error(details), { code, details, metadata: new Metadata() });
}
