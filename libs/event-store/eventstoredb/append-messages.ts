import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import type { UUID } from '@eventstore/db-client/generated/shared_pb.js';
import type { Status } from '@eventstore/db-client/generated/status_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type {
  BatchAppendReq,
  BatchAppendResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import type { NewEvent, Position } from '#kernel';
import type { ExpectedRevision } from '#event-store/port';

export type AppendRequest = {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly NewEvent[];
};

/** What the server says to one append. */
export type AppendAnswer =
  | {
      readonly kind: 'stored';
      readonly revision: number;
      /** Of the last event; undefined when the server did not say. */
      readonly position: Position | undefined;
    }
  | { readonly kind: 'wrong-version'; readonly actual: number | undefined }
  | { readonly kind: 'too-large'; readonly sizeMaxBytes: number }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'denied' }
  /** Nothing was stored: this server takes no appends now. Another may, in a cluster. */
  | { readonly kind: 'not-handled'; readonly problem: string }
  /** It may be stored, or may yet be. */
  | { readonly kind: 'unknown'; readonly problem: string };

const JSON_CONTENT = 'application/json';

/**
 * One append as one message: {@link APPEND_SIZE_MAX_BYTES} is well below what a message may hold.
 *
 * It names no deadline. That would be a moment of this machine's clock, which the server holds against
 * its own: where they differ by more than an attempt takes, it would refuse each append as too late.
 */
export function appendMessage(
  { stream, expected, events }: AppendRequest,
  correlationId: string,
): BatchAppendReq {
  const options = new streamsPb.BatchAppendReq.Options();
  const identifier = new sharedPb.StreamIdentifier();
  identifier.setStreamName(bytesOf(stream));
  options.setStreamIdentifier(identifier);
  if (expected === 'no-stream') options.setNoStream(new sharedPb.Empty());
  else if (expected === 'any') options.setAny(new sharedPb.Empty());
  else if (expected === 'stream-exists') options.setStreamExists(new sharedPb.Empty());
  else options.setStreamPosition(String(expected));
  const message = new streamsPb.BatchAppendReq();
  message.setOptions(options);
  message.setCorrelationId(uuidMessage(correlationId));
  message.setProposedMessagesList(events.map(proposed));
  message.setIsFinal(true);
  return message;
}

function proposed({ id, type, data, metadata }: NewEvent): BatchAppendReq.ProposedMessage {
  const message = new streamsPb.BatchAppendReq.ProposedMessage();
  message.setId(uuidMessage(id));
  message.getMetadataMap().set('type', type).set('content-type', JSON_CONTENT);
  // The very bytes: they come back as they went, and the server's own tools see JSON.
  message.setData(bytesOf(data));
  message.setCustomMetadata(bytesOf(metadata));
  return message;
}

export function answerOf(response: BatchAppendResp): AppendAnswer {
  const success = response.getSuccess();
  if (success) {
    return {
      kind: 'stored',
      revision: Number(success.getCurrentRevision()),
      position: positionOf(success.getPosition()?.getCommitPosition()),
    };
  }
  const error = response.getError();
  if (!error) return { kind: 'unknown', problem: 'neither success nor error' };
  return refusalOf(error);
}

function refusalOf(error: Status): AppendAnswer {
  const details = error.getDetails();
  const bytes = details?.getValue_asU8() ?? new Uint8Array();
  switch (details?.getTypeName()) {
    case 'event_store.client.WrongExpectedVersion': {
      const wrong = sharedPb.WrongExpectedVersion.deserializeBinary(bytes);
      const actual = wrong.hasCurrentStreamRevision()
        ? Number(wrong.getCurrentStreamRevision())
        : undefined;
      return { kind: 'wrong-version', actual };
    }
    case 'event_store.client.MaximumAppendSizeExceeded': {
      const limit = sharedPb.MaximumAppendSizeExceeded.deserializeBinary(bytes);
      return { kind: 'too-large', sizeMaxBytes: limit.getMaxappendsize() };
    }
    case 'event_store.client.StreamDeleted':
      return { kind: 'deleted' };
    case 'event_store.client.AccessDenied':
      return { kind: 'denied' };
    case 'google.protobuf.Empty':
      return { kind: 'not-handled', problem: error.getMessage() };
    default:
      return { kind: 'unknown', problem: error.getMessage() };
  }
}

/** A server that lost the place of a repeated event says -1, as an unsigned number. */
function positionOf(commit: string | undefined): Position | undefined {
  return commit === undefined || commit.length > 18 ? undefined : commit;
}

function uuidMessage(id: string) {
  const message = new sharedPb.UUID();
  message.setString(id);
  return message;
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

/** The server answers in the form of two numbers, whatever form it was asked in. */
export function uuidOf(message: UUID | undefined): string {
  const structured = message?.getStructured();
  if (!structured) return message?.getString() ?? '';
  const hex =
    hexOf(structured.getMostSignificantBits()) + hexOf(structured.getLeastSignificantBits());
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function hexOf(signed: string): string {
  return BigInt.asUintN(64, BigInt(signed)).toString(16).padStart(16, '0');
}
