import type { IncomingHttpHeaders } from 'node:http';
import {
  problemOf,
  PROBLEM_MEDIA_TYPE,
  type ProblemCatalogue,
  type RequestRefused,
} from './problem.js';

/** What a route needs of a request; no more of the web framework is known to routes. */
export type DoorRequest = {
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
};

/** What a route needs of the framework's reply. */
export type DoorReply = {
  code(status: number): DoorReply;
  header(name: string, value: string): DoorReply;
  send(payload?: string | Buffer): DoorReply;
};

const JSON_MEDIA_TYPE = 'application/json; charset=utf-8';

/** Answers with JSON. */
export function sendJson(reply: DoorReply, status: number, body: unknown): void {
  // Written here once: the framework would look for a schema to write it by, find none, and do this.
  reply.code(status).header('content-type', JSON_MEDIA_TYPE).send(JSON.stringify(body));
}

/** Answers with the problem that a code stands for. */
export function sendProblem(
  reply: DoorReply,
  catalogue: ProblemCatalogue,
  refused: Pick<RequestRefused, 'code' | 'message'> & Partial<Pick<RequestRefused, 'errors'>>,
): void {
  const problem = problemOf(catalogue, refused);
  const retryAfter = catalogue[refused.code]?.retryAfterSeconds;
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  // RFC 9110 §11.6.1: a 401 says how one could sign in.
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  reply
    .code(problem.status)
    .header('content-type', PROBLEM_MEDIA_TYPE)
    .send(JSON.stringify(problem));
}

/** The entity tag of a revision, as `If-Match` takes it back. */
export function etagOf(revision: number): string {
  return `"${revision}"`;
}
