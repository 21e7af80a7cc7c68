import {
  Door,
  etagOf,
  readBody,
  readCommandIdentity,
  readIfMatch,
  sendJson,
  type BodyClass,
  type CommandIdentity,
  type DoorReply,
  type DoorRequest,
} from '#http';
import { Clock, Randomness, type Actor, type CommandContext } from '#kernel';
import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { ComplaintDecider } from '../complaint/complaint.decider.js';
import { idOf, readAddress } from './complaint-address.http.js';
import { commandOf, type StepMoment } from './step-moment.http.js';
import { PerformStep, type Performed } from './perform-step.http.js';
import { Receipts } from './receipts.http.js';

/** The step that a route takes: what it accepts and what decides. */
export type RoutedStep<Said extends object> = {
  readonly body: BodyClass<Said & StepMoment>;
  readonly decide: ComplaintDecider<Omit<Said, keyof StepMoment>>;
};

/** What every route that writes does the same way. */
@Injectable()
export class CommandDoor {
  @Inject(Receipts) private readonly receipts: Receipts;

  constructor(
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(Door) private readonly door: Door,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Randomness) private readonly randomness: Randomness,
  ) {}

  /** Takes one step on the complaint that the request names, and answers. */
  async take<Said extends object>(
    request: DoorRequest,
    reply: DoorReply,
    { body, decide }: RoutedStep<Said>,
  ): Promise<void> {
    const actor = this.door.actor(request, 'write');
    const { stream, reference } = readAddress(request);
    const { commandId } = this.identify(request, actor, stream);
    const ifRevision = readIfMatch(request.headers);
    const said = readBody(body, request.body);
    const { occurredAt, reason } = said;
    const context = this.context({ actor, commandId, occurredAt, reason });
    const performed = await this.bus.execute(
      new PerformStep({
        stream,
        decide: decide as ComplaintDecider<unknown>,
        command: commandOf(said),
        context,
        ifRevision,
      }),
    );
    this.answer(reply, performed, { status: 200, reference });
  }

  identify(request: DoorRequest, actor: Actor, target: string): CommandIdentity {
    const scope = { actorId: actor.id, target };
    return readCommandIdentity(request.headers, scope, this.randomness);
  }

  context({
    actor,
    commandId,
    occurredAt,
    reason,
  }: Pick<CommandContext, 'actor' | 'commandId' | 'occurredAt' | 'reason'>): CommandContext {
    // A plain literal: a spread in it costs as much as the rest of this class.
    return { actor, now: this.clock.now(), commandId, occurredAt, reason };
  }

  answer(
    reply: DoorReply,
    performed: Performed,
    { status, reference }: { readonly status: number; readonly reference: string | undefined },
  ): void {
    if (performed.kind === 'rejected') {
      this.door.refuse(reply, performed);
      return;
    }
    const { stream, revision, position, first } = performed;
    const id = idOf(stream);
    reply.header('etag', etagOf(revision));
    if (status === 201) reply.header('location', `/v1/complaints/${id}`);
    const receipt = this.receipts.linkOf(first);
    sendJson(reply, status, { id, reference, revision, position, receipt });
  }
}
