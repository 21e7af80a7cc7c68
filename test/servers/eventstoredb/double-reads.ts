import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { tooSlow, type DoubleFaults } from './double-faults.js';
import type { DoubleLog, Recorded } from './double-log.js';
import {
  caughtUp,
  checkpoint,
  confirmation,
  grpcError,
  streamNameOf,
  streamNotFound,
  wireOf,
} from './double-messages.js';
import { Outlet, type ReadCall } from './double-outlet.js';

/** Events that a live subscription may lag behind before the server ends it. */
export const LIVE_BUFFER_COUNT = 32;
/** Events that a filter considers before a checkpoint is sent, unless the client says more. */
const SEARCH_WINDOW_COUNT = 32;
const NO_BOUNDARY = 'Unexpected ReadAllResult: InvalidPosition';

/** Reads and subscriptions, of one stream or of all. */
export function readHandler(log: DoubleLog, faults: DoubleFaults): (call: ReadCall) => void {
  return (call) => {
    const outlet = new Outlet(call, faults);
    const answer = async () => {
      const frozen = faults.frozen();
      if (frozen) await frozen;
      const options = call.request.getOptions();
      if (!options) throw grpcError(status.INVALID_ARGUMENT, 'a read has options');
      if (options.hasSubscription()) await subscribe(outlet, options, { log, faults });
      else await read(outlet, options, log);
    };
    // What goes wrong while answering ends the call; the client hears of it by its code.
    answer().catch((error: unknown) => outlet.fail(asError(error)));
  };
}

type Double = { readonly log: DoubleLog; readonly faults: DoubleFaults };

async function read(outlet: Outlet, options: ReadReq.Options, log: DoubleLog): Promise<void> {
  const stream = streamOf(options);
  const events = stream === undefined ? log.all : log.stream(stream);
  if (stream !== undefined && events.length === 0) {
    await outlet.send(streamNotFound(stream));
    outlet.end();
    return;
  }
  const forwards = Number(options.getReadDirection()) === 0;
  const countMax = Number(options.getCount());
  if (countMax === 0) throw grpcError(status.UNKNOWN, 'a read has a count');
  let index = startOf(options, events, { log, forwards });
  // What is written while a read goes on is read too, as on the real server.
  for (let count = 0; count < countMax && index >= 0 && index < events.length; count += 1) {
    const event = events[index];
    if (!event || outlet.hasEnded) break;
    await outlet.send(wireOf(event));
    index += forwards ? 1 : -1;
  }
  outlet.end();
}

/** Index of the first event of a read; inclusive. */
function startOf(
  options: ReadReq.Options,
  events: readonly Recorded[],
  { log, forwards }: { readonly log: DoubleLog; readonly forwards: boolean },
): number {
  const from = options.getStream() ?? options.getAll();
  if (from?.hasEnd()) return forwards ? events.length : events.length - 1;
  if (from?.hasStart()) return forwards ? 0 : -1;
  const revision = options.getStream()?.getRevision();
  if (revision !== undefined) {
    const asked = Number(revision);
    return forwards ? asked : Math.min(asked, events.length - 1);
  }
  const position = BigInt(options.getAll()?.getPosition()?.getCommitPosition() ?? '0');
  const index = log.indexAt(position);
  if (index === undefined) throw grpcError(status.UNKNOWN, NO_BOUNDARY);
  return forwards ? index : index - 1;
}

async function subscribe(
  outlet: Outlet,
  options: ReadReq.Options,
  { log, faults }: Double,
): Promise<void> {
  const stream = streamOf(options);
  const events = stream === undefined ? log.all : log.stream(stream);
  const passes = filterOf(options);
  const window = windowOf(options);
  outlet.onEnd(faults.registerSubscription((error) => outlet.fail(error)));
  await outlet.send(confirmation(randomUUID()));
  let index = afterStartOf(options, events, log);
  let considered = 0;
  const consider = (event: Recorded): Buffer[] => {
    considered += 1;
    const messages = passes(event) ? [wireOf(event)] : [];
    if (window !== undefined && considered % window === 0)
      messages.push(checkpoint(event.position));
    return messages;
  };
  for (; index < events.length && !outlet.hasEnded; index += 1) {
    const event = events[index];
    for (const message of event ? consider(event) : []) await outlet.send(message);
  }
  if (!outlet.hasEnded) goLive(outlet, { log, faults }, { stream, consider });
}

/** From here on the server pushes: whoever is too slow for its buffer is dropped. */
function goLive(
  outlet: Outlet,
  { log, faults }: Double,
  live: {
    readonly stream: string | undefined;
    readonly consider: (event: Recorded) => readonly Buffer[];
  },
): void {
  const buffer: Buffer[] = [caughtUp()];
  let pumping = false;
  const pump = async () => {
    if (pumping) return;
    pumping = true;
    // The server's own thread takes from the buffer a moment after the write.
    await new Promise((resolve) => setImmediate(resolve));
    while (buffer.length > 0 && !outlet.hasEnded) {
      const message = buffer.shift();
      if (message) await outlet.send(message);
    }
    pumping = false;
  };
  const stop = log.onWritten((written) => {
    for (const event of written) {
      if (live.stream !== undefined && event.stream !== live.stream) continue;
      buffer.push(...live.consider(event));
      if (buffer.length < LIVE_BUFFER_COUNT) continue;
      stop();
      faults.counters.tooSlow += 1;
      buffer.length = 0;
      outlet.fail(tooSlow());
      return;
    }
    void pump();
  });
  outlet.onEnd(stop);
  void pump();
}

/** Index of the first event after the start of a subscription; exclusive. */
function afterStartOf(
  options: ReadReq.Options,
  events: readonly Recorded[],
  log: DoubleLog,
): number {
  const from = options.getStream() ?? options.getAll();
  if (from?.hasEnd()) return events.length;
  if (from?.hasStart()) return 0;
  const revision = options.getStream()?.getRevision();
  if (revision !== undefined) return Number(revision) + 1;
  const position = BigInt(options.getAll()?.getPosition()?.getCommitPosition() ?? '0');
  const index = log.indexAt(position);
  if (index === undefined) throw grpcError(status.UNKNOWN, NO_BOUNDARY);
  return Math.min(index + 1, events.length);
}

function streamOf(options: ReadReq.Options): string | undefined {
  if (!options.hasStream()) return undefined;
  return streamNameOf(options.getStream()?.getStreamIdentifier());
}

function filterOf(options: ReadReq.Options): (event: Recorded) => boolean {
  const filter = options.getFilter();
  const expression = filter?.getEventType() ?? filter?.getStreamIdentifier();
  if (!filter || !expression) return () => true;
  const subjectOf = (event: Recorded) => (filter.hasEventType() ? event.type : event.stream);
  const prefixes = expression.getPrefixList();
  if (prefixes.length > 0) {
    return (event) => prefixes.some((prefix) => subjectOf(event).startsWith(prefix));
  }
  const regex = new RegExp(expression.getRegex());
  return (event) => regex.test(subjectOf(event));
}

/** Events between two checkpoints; a subscription without a filter has none. */
function windowOf(options: ReadReq.Options): number | undefined {
  const filter = options.getFilter();
  if (!filter) return undefined;
  const searched = filter.hasMax() ? filter.getMax() : SEARCH_WINDOW_COUNT;
  return searched * Math.max(filter.getCheckpointintervalmultiplier(), 1);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
