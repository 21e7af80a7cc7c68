import {
  Metadata,
  status,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
} from '@grpc/grpc-js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import type { DoubleFaults } from './double-faults.js';
import {
  APPEND_DATA_MAX_BYTES,
  type DoubleLog,
  type Expectation,
  type Outcome,
  type Proposed,
} from './double-log.js';
import {
  batchAnswer,
  batchExpectationOf,
  grpcError,
  proposedOf,
  streamNameOf,
} from './double-messages.js';

type Batch = {
  readonly stream: string;
  readonly expected: Expectation;
  readonly events: Proposed[];
};

const NOT_READY = { kind: 'not-handled', message: 'Server Is Not Ready' } as const;

/** One long call on which clients send all their appends, each in one or more messages. */
export function batchAppendHandler(
  log: DoubleLog,
  faults: DoubleFaults,
): handleBidiStreamingCall<BatchAppendReq, BatchAppendResp> {
  return (call) => {
    const open = new Map<string, Batch>();
    const { term } = faults;
    const take = async (request: BatchAppendReq) => {
      const correlationId = request.getCorrelationId();
      const key = correlationId?.getString() ?? '';
      const options = request.getOptions();
      const batch = open.get(key) ?? {
        stream: streamNameOf(options?.getStreamIdentifier()),
        expected: options ? batchExpectationOf(options) : 'any',
        events: [],
      };
      batch.events.push(...request.getProposedMessagesList().map(proposedOf));
      open.set(key, batch);
      if (!request.getIsFinal()) return;
      open.delete(key);
      const frozen = faults.frozen();
      if (frozen) await frozen;
      const outcome = faults.term === term ? perform(log, faults, batch) : NOT_READY;
      if (outcome) call.write(batchAnswer({ correlationId, ...batch }, batch.expected, outcome));
    };
    call.on('data', (request: BatchAppendReq) => void take(request));
    call.on('end', () => call.end());
    // A client that goes away in the middle of its appends is no fault of the double.
    call.on('error', () => open.clear());
  };
}

/** Performs an append, or cuts it off where a fault says so. */
function perform(log: DoubleLog, faults: DoubleFaults, batch: Batch): Outcome | undefined {
  const fault = faults.takeAppendFault();
  if (fault !== 'before-commit') {
    const outcome = log.append(batch.stream, batch.expected, batch.events);
    if (!fault) return outcome;
  }
  faults.cutConnections();
  return undefined;
}

/** The call for one append, which clients use with credentials of their own. */
export function appendHandler(
  log: DoubleLog,
  faults: DoubleFaults,
): handleClientStreamingCall<AppendReq, AppendResp> {
  return (call, answer) => {
    let [stream, expected]: [string, Expectation] = ['', 'any'];
    const events: Proposed[] = [];
    call.on('data', (request: AppendReq) => {
      const options = request.getOptions();
      const message = request.getProposedMessage();
      if (options) {
        stream = streamNameOf(options.getStreamIdentifier());
        expected = expectationOf(options);
      } else if (message) events.push(proposedOf(message));
    });
    const performed = async () => {
      const frozen = faults.frozen();
      if (frozen) await frozen;
      const outcome = perform(log, faults, { stream, expected, events });
      if (outcome) respond(outcome, answer);
    };
    call.on('end', () => void performed());
    call.on('error', () => events.splice(0));
  };
}

function expectationOf(options: AppendReq.Options): Expectation {
  if (options.hasNoStream()) return 'no-stream';
  if (options.hasStreamExists()) return 'stream-exists';
  return options.hasAny() ? 'any' : Number(options.getRevision());
}

function respond(
  outcome: Outcome,
  answer: Parameters<handleClientStreamingCall<AppendReq, AppendResp>>[1],
): void {
  const response = new streamsPb.AppendResp();
  switch (outcome.kind) {
    case 'written':
    case 'idempotent': {
      const success = new streamsPb.AppendResp.Success();
      success.setCurrentRevision(String(outcome.revision));
      const position = new streamsPb.AppendResp.Position();
      position.setCommitPosition(String(outcome.position));
      position.setPreparePosition(String(outcome.position));
      success.setPosition(position);
      answer(null, response.setSuccess(success));
      return;
    }
    case 'wrong-version': {
      const refusal = new streamsPb.AppendResp.WrongExpectedVersion();
      if (outcome.current === undefined) refusal.setCurrentNoStream(new sharedPb.Empty());
      else refusal.setCurrentRevision(String(outcome.current));
      answer(null, response.setWrongExpectedVersion(refusal));
      return;
    }
    case 'too-large': {
      const metadata = new Metadata();
      metadata.set('exception', 'maximum-append-size-exceeded');
      metadata.set('maximum-append-size', String(APPEND_DATA_MAX_BYTES));
      const error = grpcError(status.INVALID_ARGUMENT, 'Maximum Append Size Exceeded.');
      answer({ ...error, metadata });
      return;
    }
    default:
      answer(grpcError(status.INVALID_ARGUMENT, outcome.message));
  }
}
