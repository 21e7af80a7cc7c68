import { describe, expect, it } from '@jest/globals';
import { QueryRefused } from '#read-models/port';
import { AppendUnknown, EventTooLarge, StoreLocked, StoreUnavailable } from '#event-store/port';
import { InvariantBroken } from '#kernel';
import { BadRequestException, NotFoundException, PayloadTooLargeException } from '@nestjs/common';
import { sendProblem, type DoorReply } from './answers.js';
import { translateError } from './error-translation.js';
import { COMMON_PROBLEMS } from './problem-catalogue.js';
import { FIELD_ERRORS_MAX, INTERNAL_PROBLEM, problemOf, RequestRefused } from './problem.js';

type Sent = { status: number; headers: Record<string, string>; body: string };

function sent(refused: Parameters<typeof sendProblem>[2]): Sent {
  const answer: Sent = { status: 0, headers: {}, body: '' };
  const reply: DoorReply = {
    code: (status) => ((answer.status = status), reply),
    header: (name, value) => ((answer.headers[name] = value), reply),
    send: (payload) => ((answer.body = String(payload)), reply),
  };
  sendProblem(reply, COMMON_PROBLEMS, refused);
  return answer;
}

describe('a problem', () => {
  it('has the status, title and type of its code', () => {
    const refused = { code: 'revision.conflict', message: 'too late' };
    expect(problemOf(COMMON_PROBLEMS, refused)).toEqual({
      type: '/problems/revision.conflict',
      title: 'Somebody else was quicker',
      status: 409,
      code: 'revision.conflict',
      detail: 'too late',
    });
  });

  it.each(['no.such-code', 'constructor', '__proto__'])(
    'says nothing of a code that is not in the catalogue: %s',
    (code) => {
      const problem = problemOf(COMMON_PROBLEMS, { code, message: 'secret' });
      expect(problem).toBe(INTERNAL_PROBLEM);
      expect(JSON.stringify(problem)).not.toContain('secret');
    },
  );

  it('lists a bounded number of fields', () => {
    const errors = Array.from({ length: 80 }, (_, i) => ({ field: `f${i}`, message: 'wrong' }));
    const { errors: shown } = problemOf(
      COMMON_PROBLEMS,
      new RequestRefused('request.invalid', 'many', errors),
    );
    expect(shown).toHaveLength(FIELD_ERRORS_MAX);
  });

  it('says when to try again, and how to sign in', () => {
    const unavailable = sent({ code: 'store.unavailable', message: 'closed' });
    expect(unavailable).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    const unknown = sent({ code: 'access.token-unknown', message: 'who?' });
    expect(unknown).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
    expect(sent({ code: 'revision.mismatch', message: 'x' }).headers).not.toHaveProperty(
      'retry-after',
    );
  });
});

describe('a thrown error', () => {
  it.each([
    [new StoreUnavailable('/secret/path'), 'store.unavailable', 503],
    [new StoreLocked('process 7'), 'store.locked', 503],
    [new AppendUnknown('I/O error'), 'store.append-unknown', 503],
    [new EventTooLarge(70_000, 60_000, 'bytes'), 'store.event-too-large', 413],
    [new QueryRefused('query.bad-cursor', 'which?'), 'query.bad-cursor', 400],
    [new InvariantBroken('impossible'), 'internal.invariant-broken', 500],
    [new NotFoundException(), 'route.unknown', 404],
    [new PayloadTooLargeException(), 'request.too-large', 413],
    [new BadRequestException(), 'request.invalid', 400],
  ])('%s is a problem of its own', (error, code, status) => {
    const refused = translateError(error) ?? { code: 'none', message: '' };
    expect(problemOf(COMMON_PROBLEMS, refused)).toMatchObject({ code, status });
  });

  it('keeps the words of infrastructure to itself', () => {
    expect(translateError(new StoreUnavailable('/secret/path'))?.message).not.toContain('secret');
    expect(translateError(new InvariantBroken('secret'))?.message).not.toContain('secret');
  });

  it.each([new TypeError('oops'), 'a string', undefined, { status: 404 }])(
    'without a code is nobody’s business but the log’s: %s',
    (error) => {
      expect(translateError(error)).toBeUndefined();
    },
  );
});
