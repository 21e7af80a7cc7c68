import {
  ApiCommandHeaders,
  ApiProblems,
  type BodyClass,
  type DoorReply,
  type DoorRequest,
} from '#http';
import { Controller, Inject, Post, Req, Res, type Type } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { COMMANDS, type Commands } from '../commands.js';
import type { ComplaintDecider } from '../complaint/complaint.decider.js';
import { lifecycle, STATUS_REFUSALS, type CommandName } from '../complaint/complaint.lifecycle.js';
import type { RefusalCode } from '../complaint/complaint.refusals.js';
import { STATUSES } from '../complaint/complaint.state.js';
import { CommandDoor } from './command-door.http.js';
import { withMoment, type StepMoment } from './step-moment.http.js';

type StepName = Exclude<CommandName, 'lodge-complaint'>;

export type CommandRoute<Name extends StepName> = {
  readonly name: Name;
  /** Last part of the address: what the step brings about. */
  readonly noun: string;
  readonly body: BodyClass<Commands[Name]>;
  /** Refusals of the feature's own rules, beside those of its lifecycle. */
  readonly refusals?: readonly RefusalCode[];
};

/** Codes that every writing route can answer with. */
export const WRITE_PROBLEMS = [
  'request.invalid',
  'request.not-json',
  'request.too-large',
  'request.unsupported-media-type',
  'idempotency.key-reused',
  'moment.in-the-future',
  'event.not-canonical',
  'store.event-too-large',
  'store.unavailable',
  'store.append-unknown',
  'field.missing',
  'field.unknown',
  'field.bad-value',
  'field.too-long',
  'field.too-many',
] as const;

/** The answer of every route that writes. */
export const WRITTEN_SCHEMA = {
  type: 'object',
  required: ['id', 'revision', 'position'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    reference: { type: 'string', example: 'C-26-7F3K-9QXM-Q' },
    revision: { type: 'integer', minimum: 0 },
    position: { type: 'string', description: 'For Redress-Position.' },
    receipt: {
      type: 'string',
      format: 'uri-reference',
      description:
        'Where the proof that this was recorded is found, for whoever wants to keep it. Whoever has this address sees the proof: give it to whom it is for, whole. Not there when nothing had to be recorded, or no ledger is kept.',
      example: '/ledger/proofs/4d1b2a94-6b0e-5f0c-8b9f-3c1a5e6d7f80?salt=Zm9yIGFuIGV4YW1wbGUhIQ',
    },
  },
};

/** The route of one step: `POST /v1/complaints/{id}/<noun>`. All of them differ in no more than this. */
export function commandRoute<Name extends StepName>(route: CommandRoute<Name>): Type<unknown> {
  const { name, noun, refusals = [] } = route;
  const { summary, clause, decide } = COMMANDS[name];
  const body = withMoment<Commands[Name]>(route.body, route.body.name);
  const step = { body, decide: decide as ComplaintDecider<Omit<Commands[Name], keyof StepMoment>> };

  @ApiTags('steps')
  @Controller('v1/complaints')
  class StepRoute {
    constructor(@Inject(CommandDoor) private readonly door: CommandDoor) {}

    @Post(`:id/${noun}`)
    @ApiOperation({ operationId: name, summary, description: `ISO 10002:2018 ${clause}.` })
    @ApiParam({ name: 'id', description: 'Id or reference of the complaint.' })
    @ApiCommandHeaders()
    @ApiBody({ type: body, required: true })
    @ApiResponse({ status: 200, description: 'Done, or done before.', schema: WRITTEN_SCHEMA })
    @ApiProblems(...lifecycleRefusals(name), ...refusals, ...STEP_PROBLEMS, ...WRITE_PROBLEMS)
    async take(@Req() request: DoorRequest, @Res() reply: DoorReply): Promise<void> {
      await this.door.take(request, reply, step);
    }
  }
  return StepRoute;
}

const STEP_PROBLEMS = ['complaint.not-lodged', 'revision.mismatch', 'revision.conflict'] as const;

/** Every way in which the lifecycle can refuse a step. */
function lifecycleRefusals(name: StepName): readonly RefusalCode[] {
  const { from, refusals, once, notBefore, endsWork } = lifecycle[name];
  const byStatus = STATUSES.filter((status) => !from[status]).map(
    (status) => refusals?.[status] ?? STATUS_REFUSALS[status],
  );
  return [
    ...byStatus,
    ...(once ? [once.code] : []),
    ...(endsWork ? [] : (['complaint.too-many-events'] as const)),
    ...(notBefore === 'any-time' ? [] : (['moment.before-receipt'] as const)),
    ...(notBefore === 'previous-step' ? (['moment.before-previous-step'] as const) : []),
  ];
}
