import { describe, expect, it } from '@jest/globals';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import statusPb from '@eventstore/db-client/generated/status_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { sampleEvents } from '#testing/event-store';
import { answerOf, appendMessage } from './append-messages.js';

/** The answer with an error whose details are of a type, as the server packs them. */
function refusal(typeName: string, details: Uint8Array, message: string) {
  const error = statusPb.Status.deserializeBinary(STATUS_WITH_DETAILS);
  error.getDetails()?.pack(details, typeName);
  error.setMessage(message);
  return new streamsPb.BatchAppendResp().setError(error);
}

/** Field 3 of a status, its details, of length 0. */
const STATUS_WITH_DETAILS = Uint8Array.of(3 * 8 + 2, 0);

describe('an append as a message', () => {
  it('names no moment of this machine for the server to hold against its own clock', () => {
    const request = { stream: 'case-1', expected: 'no-stream', events: sampleEvents(2) } as const;
    const message = appendMessage(request, '9b2c4a64-6d0e-4c6e-8f6f-0f3a1c2b4d5e');
    const sent = streamsPb.BatchAppendReq.deserializeBinary(message.serializeBinary());
    expect(sent.getOptions()?.hasDeadline()).toBe(false);
    expect(sent.getOptions()?.hasNoStream()).toBe(true);
    expect(sent.getProposedMessagesList()).toHaveLength(2);
    expect(sent.getIsFinal()).toBe(true);
  });
});

describe('the answer of a server', () => {
  it('says for certain that a node which does not lead has stored nothing', () => {
    const answer = answerOf(
      refusal('google.protobuf.Empty', new Uint8Array(), 'Server Is Not Ready'),
    );
    expect(answer).toEqual({ kind: 'not-handled', problem: 'Server Is Not Ready' });
  });

  it('leaves open what a timeout means', () => {
    const timeout = new sharedPb.Timeout().serializeBinary();
    const answer = answerOf(refusal('event_store.client.Timeout', timeout, 'Timeout'));
    expect(answer).toEqual({ kind: 'unknown', problem: 'Timeout' });
  });
});
