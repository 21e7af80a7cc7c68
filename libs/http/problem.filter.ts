import { AppendUnknown } from '#event-store/port';
import { InvariantBroken } from '#kernel';
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { sendProblem, type DoorReply, type DoorRequest } from './answers.js';
import type { Door } from './door.js';
import { translateError } from './error-translation.js';
import type { RequestRefused } from './problem.js';

/** Answers whatever was thrown: as the problem it is, or as a failure that says nothing. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly door: Door) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<DoorRequest>(), http.getResponse<DoorReply>());
  }

  answer(error: unknown, request: DoorRequest, reply: DoorReply): void {
    const { problems, options } = this.door;
    const refused = translateError(error);
    const known = refused !== undefined && Object.hasOwn(problems, refused.code);
    const ends = error instanceof InvariantBroken || error instanceof AppendUnknown;
    if (!known || ends) this.tell(error, request);
    else if (problems[refused.code]?.isAlarm) this.warn(refused, request);
    sendProblem(reply, problems, refused ?? { code: 'internal.error', message: '' });
    // The answer first, then the end: the caller ought to know that this was not their fault.
    if (ends) options.onBroken(error);
  }

  /** The stack names our files and functions; messages of this house hold no personal data. */
  private tell(error: unknown, { id }: DoorRequest): void {
    const stack = error instanceof Error ? error.stack : 'a thing that is no error was thrown';
    this.write({ requestId: id, stack });
  }

  private warn({ code, message }: Pick<RequestRefused, 'code' | 'message'>, { id }: DoorRequest) {
    this.write({ requestId: id, code, message });
  }

  private write(line: Readonly<Record<string, string | undefined>>): void {
    const stamped = { at: new Date().toISOString(), level: 'error', ...line };
    this.door.options.writeLog(`${JSON.stringify(stamped)}\n`);
  }
}
