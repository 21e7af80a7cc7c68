import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DynamicModule, Type } from '@nestjs/common';
import { isUtf8 } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AccessLog } from './access-log.js';
import type { DoorReply, DoorRequest } from './answers.js';
import { Documentation } from './documentation.js';
import { Door } from './door.js';
import { BODY_SIZE_MAX_BYTES, parseJsonBody } from './json-body.js';
import { ProblemFilter } from './problem.filter.js';
import { RequestRefused } from './problem.js';

/** Time for a whole request to arrive; a slower sender is cut off. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than the usual 60 s of proxies, so that it is they who close an idle connection. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
const PARAMETER_LENGTH_MAX = 200;
const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** What every answer carries. The documentation page widens the policy for itself. */
const SECURITY_HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/**
 * The Nest application of a module that imports {@link DoorModule}: body limits, problem answers,
 * request ids, security headers, access log and durations. Not listening yet.
 */
export async function createHttpApplication(
  module: Type<unknown> | DynamicModule,
): Promise<NestFastifyApplication> {
  // Made once the modules are, and needed by an option that is given before.
  const filters: ProblemFilter[] = [];
  const adapter = new FastifyAdapter({
    // Nothing here is Express middleware; without the bridge a request costs one hook less.
    skipMiddie: true,
    // What still comes over an open connection is answered, and the connection closed after it.
    return503OnClosing: false,
    bodyLimit: BODY_SIZE_MAX_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    routerOptions: { maxParamLength: PARAMETER_LENGTH_MAX },
    genReqId: requestIds(),
    // An address that cannot be decoded never reaches a route, nor its filters.
    frameworkErrors: (_error: unknown, request: unknown, reply: unknown) => {
      const refused = new RequestRefused('route.unknown', 'no such route');
      filters[0]?.answer(refused, request as DoorRequest, reply as DoorReply);
    },
  });
  const application = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    // What goes wrong is thrown to the caller or told by the filter; Nest would tell it in its own way.
    logger: false,
    abortOnError: false,
  });
  const door = application.get(Door);
  const filter = new ProblemFilter(door);
  filters.push(filter);
  application.useGlobalFilters(filter);
  acceptJsonOnly(adapter);
  observe(adapter, door);
  application.get(Documentation).describe(application);
  return application;
}

/** The caller's request id where it is harmless, else one of our own. */
function requestIds(): (request: IncomingMessage) => string {
  const prefix = randomBytes(6).toString('hex');
  let count = 0;
  return ({ headers }) => {
    const given = headers['x-request-id'];
    if (typeof given === 'string' && REQUEST_ID.test(given)) return given;
    count += 1;
    return `${prefix}-${count.toString(36)}`;
  };
}

function acceptJsonOnly(adapter: FastifyAdapter): void {
  const instance = adapter.getInstance();
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: BODY_SIZE_MAX_BYTES },
    (_request, body, done) => {
      try {
        done(null, parseJsonBody(textOf(body)));
      } catch (error) {
        done(error as Error);
      }
    },
  );
}

function textOf(body: string | Buffer): string {
  if (typeof body === 'string') return body;
  // Bytes that are no text would be stored as replacement characters, and nobody would notice.
  if (!isUtf8(body)) throw new RequestRefused('request.not-json', 'the body is not UTF-8');
  return body.toString('utf8');
}

function observe(adapter: FastifyAdapter, door: Door): void {
  const { metrics, options } = door;
  const log = options.writeAccessLog && new AccessLog(options.writeAccessLog);
  const instance = adapter.getInstance();
  let isClosing = false;
  instance.addHook('preClose', (done) => {
    isClosing = true;
    done();
  });
  instance.addHook('onRequest', (request, reply, done) => {
    reply.headers(SECURITY_HEADERS).header('redress-request-id', request.id);
    done();
  });
  instance.addHook('onResponse', (request, reply, done) => {
    const served = {
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      status: reply.statusCode,
      durationMs: reply.elapsedTime,
    };
    metrics.served(served);
    log?.add({ ...served, at: new Date().toISOString(), requestId: request.id });
    // It was busy when the others were closed; kept alive, it would keep the server from ending.
    if (isClosing) setImmediate(() => instance.server.closeIdleConnections());
    done();
  });
  instance.addHook('onClose', (_instance, done) => {
    log?.flush();
    done();
  });
}
