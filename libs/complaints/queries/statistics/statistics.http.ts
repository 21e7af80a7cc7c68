import {
  ApiPositionHeader,
  ApiProblems,
  badParameter,
  limitOf,
  readQuery,
  RequestRefused,
  sendJson,
  type DoorReply,
  type DoorRequest,
  type QueryParameters,
} from '#http';
import { GROUPS_MAX, ReadModels, type Condition, type Group } from '#read-models/port';
import { applyDecorators, Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { idOf } from '../../door/complaint-address.http.js';
import { ApiPage } from '../../door/page.http.js';
import { asksAbout, conditionsOf, fieldParameters } from '../../door/query-conditions.http.js';
import { QUERY_PROBLEMS, ReadDoor } from '../../door/read-door.http.js';
import { dailyStatistics } from '../../projections/daily-statistics.projection.js';
import { lineageOf } from './lineage.http.js';
import { FindBehind } from './find-behind.http.js';

const asks = asksAbout(dailyStatistics);

/** Numbers that a complaint adds to on a day of its life, and the field that holds the day. */
const DAYS = {
  received: 'receivedDay',
  acknowledged: 'acknowledgedDay',
  decided: 'decidedDay',
  closed: 'closedDay',
} as const;

const DURATIONS = {
  acknowledgement: 'daysToAcknowledgement',
  decision: 'daysToDecision',
  closure: 'daysToClosure',
} as const;

const BOUNDS_DEFAULT = [0, 1, 2, 5, 10, 15, 20, 30, 40, 56, 90];
const BOUNDS = /^\d{1,6}(?:,\d{1,6}){0,31}$/;

const COUNTED = {
  type: 'object',
  required: ['key', 'count', 'lineage'],
  properties: {
    key: { type: 'object', description: 'Values of the fields counted by.' },
    count: { type: 'integer', minimum: 0 },
    lineage: { type: 'string', description: 'Address of the complaints and events behind it.' },
  },
};

@ApiTags('statistics')
@Controller('v1/statistics')
export class StatisticsRoute {
  constructor(
    @Inject(ReadModels) private readonly readModels: ReadModels,
    @Inject(QueryBus) private readonly bus: QueryBus,
    @Inject(ReadDoor) private readonly door: ReadDoor,
  ) {}

  @Get('counts')
  @ApiOperation({ operationId: 'count-complaints', summary: 'Complaints counted by fields.' })
  @ApiQuery({
    name: 'by',
    description: 'One to four fields, with commas between.',
    schema: { type: 'string', example: 'product,outcome' },
  })
  @ApiFields()
  @ApiPositionHeader()
  @ApiOkResponse({
    schema: answerOf({ total: { type: 'integer' }, groups: { type: 'array', items: COUNTED } }),
  })
  @ApiProblems(...QUERY_PROBLEMS)
  async counts(@Req() request: DoorRequest, @Res() reply: DoorReply): Promise<void> {
    const position = await this.door.admitTo(dailyStatistics, request);
    const parameters = readQuery(request.query, (name) => name === 'by' || asks(name));
    const where = conditionsOf(dailyStatistics, parameters);
    const groups = await this.group(listOf(parameters, 'by'), where);
    const total = await this.readModels.count(dailyStatistics, where);
    sendJson(reply, 200, { total, groups: groups.map((one) => counted(one, where)), position });
  }

  @Get('daily')
  @ApiOperation({
    operationId: 'daily-statistics',
    summary: 'Complaints received, acknowledged, decided or closed, a number a day.',
  })
  @ApiQuery({
    name: 'of',
    required: false,
    schema: { type: 'string', enum: Object.keys(DAYS), default: 'received' },
  })
  @ApiQuery({
    name: 'by',
    required: false,
    description: 'Up to three fields, with commas between.',
    schema: { type: 'string' },
  })
  @ApiFields()
  @ApiPositionHeader()
  @ApiOkResponse({
    schema: answerOf({ of: { type: 'string' }, days: { type: 'array', items: COUNTED } }),
  })
  @ApiProblems(...QUERY_PROBLEMS)
  async daily(@Req() request: DoorRequest, @Res() reply: DoorReply): Promise<void> {
    const position = await this.door.admitTo(dailyStatistics, request);
    const parameters = readQuery(request.query, (n) => n === 'of' || n === 'by' || asks(n));
    const { of = 'received' } = parameters;
    const day = choiceOf('of', of, DAYS);
    const where = conditionsOf(dailyStatistics, parameters);
    const groups = await this.group([day, ...listOf(parameters, 'by')], where);
    const days = groups
      .filter(({ key }) => key[day] !== null)
      .toSorted((a, b) => ((a.key[day] ?? '') < (b.key[day] ?? '') ? -1 : 1))
      .map((one) => counted(one, where));
    sendJson(reply, 200, { of, days, position });
  }

  @Get('durations')
  @ApiOperation({
    operationId: 'durations',
    summary: 'How many days it took from receipt to a step, in buckets.',
  })
  @ApiQuery({
    name: 'of',
    required: false,
    schema: { type: 'string', enum: Object.keys(DURATIONS), default: 'decision' },
  })
  @ApiQuery({
    name: 'bounds',
    required: false,
    description: 'Upper bounds in days, ascending, with commas between.',
    schema: { type: 'string', example: '5,10,20,40' },
  })
  @ApiFields()
  @ApiPositionHeader()
  @ApiOkResponse({
    schema: answerOf({
      of: { type: 'string' },
      buckets: {
        type: 'array',
        items: {
          type: 'object',
          required: ['upTo', 'count', 'lineage'],
          properties: {
            upTo: { type: 'integer', nullable: true },
            count: { type: 'integer' },
            lineage: { type: 'string' },
          },
        },
      },
      notYet: { type: 'integer', description: 'Complaints without the step.' },
    }),
  })
  @ApiProblems(...QUERY_PROBLEMS)
  async durations(@Req() request: DoorRequest, @Res() reply: DoorReply): Promise<void> {
    const position = await this.door.admitTo(dailyStatistics, request);
    const parameters = readQuery(request.query, (n) => n === 'of' || n === 'bounds' || asks(n));
    const { of = 'decision' } = parameters;
    const field = choiceOf('of', of, DURATIONS);
    const where = conditionsOf(dailyStatistics, parameters);
    const bounds = boundsOf(parameters['bounds']);
    const { buckets, empty } = await this.readModels.histogram(dailyStatistics, {
      field,
      bounds,
      where,
    });
    const shown = buckets.map(({ upTo, count }, index) => {
      const above = buckets[index - 1]?.upTo;
      const range: readonly Condition[] = [
        ...(above === undefined || above === null
          ? []
          : [{ field, is: 'gt' as const, value: above }]),
        ...(upTo === null ? [] : [{ field, is: 'lte' as const, value: upTo }]),
      ];
      return { upTo, count, lineage: lineageOf([...where, ...range]) };
    });
    sendJson(reply, 200, { of, buckets: shown, notYet: empty, position });
  }

  @Get('complaints')
  @ApiOperation({
    operationId: 'lineage',
    summary: 'The complaints behind a number, each with the ids of the events that say so.',
    description: 'A page may hold fewer than `limit`, even none, and still have a `next`.',
  })
  @ApiPage()
  @ApiFields()
  @ApiPositionHeader()
  @ApiOkResponse({
    schema: answerOf({
      items: {
        type: 'array',
        items: {
          type: 'object',
          required: ['id', 'events'],
          properties: {
            id: { type: 'string', format: 'uuid' },
            events: { type: 'object', additionalProperties: { type: 'string', format: 'uuid' } },
          },
        },
      },
    }),
  })
  @ApiProblems(...QUERY_PROBLEMS)
  async complaints(@Req() request: DoorRequest, @Res() reply: DoorReply): Promise<void> {
    const position = await this.door.admitTo(dailyStatistics, request);
    const parameters = readQuery(request.query, (n) => n === 'limit' || n === 'after' || asks(n));
    const where = conditionsOf(dailyStatistics, parameters);
    const { after } = parameters;
    const behind = await this.bus.execute(
      new FindBehind({ where, limit: limitOf(parameters), after }),
    );
    const items = behind.rows.map(({ id, document }) => ({
      id: idOf(id),
      events: eventsOf(document),
    }));
    sendJson(reply, 200, { items, next: behind.next, position });
  }

  /** @throws RequestRefused when there are more groups than an answer can hold. */
  private async group(
    by: readonly string[],
    where: readonly Condition[],
  ): Promise<readonly Group[]> {
    const groups = await this.readModels.group(dailyStatistics, { by, where, limit: GROUPS_MAX });
    if (groups.length < GROUPS_MAX) return groups;
    throw new RequestRefused('query.over-limit', `${GROUPS_MAX} groups or more: ask for less`);
  }
}

function counted({ key, count }: Group, where: readonly Condition[]): object {
  const own = Object.entries(key).map(([field, value]) => ({
    field,
    is: 'eq' as const,
    value: value as Condition['value'],
  }));
  return { key, count, lineage: lineageOf([...where, ...own]) };
}

const EVENT_FIELD = /^(\w+)EventId$/;

/** The fields that name events, without the word: `decided` → id. */
function eventsOf(document: { readonly [field: string]: unknown }): object {
  const named = Object.entries(document).flatMap(([field, value]) => {
    const step = EVENT_FIELD.exec(field)?.[1];
    return step === undefined || value === null ? [] : [[step, value] as const];
  });
  return Object.fromEntries(named);
}

function listOf(parameters: QueryParameters, name: string): readonly string[] {
  const text = parameters[name];
  return text === undefined ? [] : text.split(',');
}

function choiceOf<Field extends string>(
  name: string,
  chosen: string,
  choices: { readonly [word: string]: Field },
): Field {
  const field = Object.hasOwn(choices, chosen) ? choices[chosen] : undefined;
  if (field !== undefined) return field;
  throw badParameter(name, `must be one of ${Object.keys(choices).join(', ')}`);
}

function boundsOf(text: string | undefined): readonly number[] {
  if (text === undefined) return BOUNDS_DEFAULT;
  if (!BOUNDS.test(text)) throw badParameter('bounds', 'must be up to 32 days, ascending');
  return text.split(',').map(Number);
}

function answerOf(properties: { readonly [name: string]: object }): object {
  return {
    type: 'object',
    required: Object.keys(properties),
    properties: { ...properties, next: { type: 'string' }, position: { type: 'string' } },
  };
}

function ApiFields(): MethodDecorator {
  const parameters = fieldParameters(dailyStatistics, 'count');
  return applyDecorators(...parameters.map((parameter) => ApiQuery(parameter)));
}
