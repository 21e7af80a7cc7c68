import {
  ApiPositionHeader,
  ApiProblems,
  badParameter,
  limitOf,
  readQuery,
  sendJson,
  type DoorReply,
  type DoorRequest,
  type QueryParameters,
} from '#http';
import { ReadModels } from '#read-models/port';
import { applyDecorators, Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { idOf } from '../../door/complaint-address.http.js';
import { ApiPage } from '../../door/page.http.js';
import { asksAbout, conditionsOf, fieldParameters } from '../../door/query-conditions.http.js';
import { QUERY_PROBLEMS, ReadDoor } from '../../door/read-door.http.js';
import { dailyStatistics } from '../../projections/daily-statistics.projection.js';
import {
  countsOf,
  durationsOf,
  DURATIONS,
  INTERVALS,
  lineageOf,
  MEASURES,
  seriesOf,
  type Duration,
  type Figure,
  type Measure,
} from '../statistics.query.js';
import { addressOf } from './lineage.http.js';
import {
  COUNTS_SCHEMA,
  DURATIONS_SCHEMA,
  LINEAGE_SCHEMA,
  SERIES_SCHEMA,
} from './statistics-answers.http.js';

const asks = asksAbout(dailyStatistics);
const MEASURE_NAMES = Object.keys(MEASURES) as readonly Measure[];
const DURATION_NAMES = Object.keys(DURATIONS) as readonly Duration[];

const BOUNDS_DEFAULT = [0, 1, 2, 5, 10, 15, 20, 30, 40, 56, 90];
const BOUNDS = /^\d{1,6}(?:,\d{1,6})*$/;

@ApiTags('statistics')
@Controller('v1/statistics')
export class StatisticsRoute {
  constructor(
    @Inject(ReadModels) private readonly readModels: ReadModels,
    @Inject(ReadDoor) private readonly door: ReadDoor,
  ) {}

  @Get('counts')
  @ApiOperation({ operationId: 'count-complaints', summary: 'Complaints counted by fields.' })
  @ApiBy('One to four fields, with commas between.', { required: true })
  @ApiAnswer(COUNTS_SCHEMA)
  async counts(@Req() request: DoorRequest, @Res() reply: DoorReply): Promise<void> {
    const position = await this.door.admitTo(dailyStatistics, request);
    const parameters = parametersOf(request, ['by']);
    const where = conditionsOf(dailyStatistics, parameters);
    const { total, figures } = await countsOf(this.readModels, { by: byOf(parameters), where });
    sendJson(reply, 200, { total, groups: figures.map(shown), position });
  }

  @Get('series')
  @ApiOperation({
    operationId: 'series',
    summary: 'Complaints received, acknowledged, decided or closed, a number an interval.',
  })
  @ApiChoice('of', MEASURE_NAMES, 'received')
  @ApiChoice('interval', INTERVALS, 'day')
  @ApiBy('Up to three fields, with commas between.', { required: false })
  @ApiAnswer(SERIES_SCHEMA)
  async series(@Req() request: DoorRequest, @Res() reply: DoorReply): Promise<void> {
    const position = await this.door.admitTo(dailyStatistics, request);
    const parameters = parametersOf(request, ['of', 'interval', 'by']);
    const of = choiceOf(parameters, 'of', MEASURE_NAMES) ?? 'received';
    const interval = choiceOf(parameters, 'interval', INTERVALS) ?? 'day';
    const where = conditionsOf(dailyStatistics, parameters);
    const by = byOf(parameters);
    const points = await seriesOf(this.readModels, { measure: of, interval, by, where });
    sendJson(reply, 200, { of, interval, points: points.map(shown), position });
  }

  @Get('durations')
  @ApiOperation({
    operationId: 'durations',
    summary: 'How many days it took from receipt to a step, in buckets.',
  })
  @ApiChoice('of', DURATION_NAMES, 'decision')
  @ApiQuery({
    name: 'bounds',
    required: false,
    description: 'Upper bounds in days, ascending, with commas between.',
    schema: { type: 'string', example: '5,10,20,40' },
  })
  @ApiAnswer(DURATIONS_SCHEMA)
  async durations(@Req() request: DoorRequest, @Res() reply: DoorReply): Promise<void> {
    const position = await this.door.admitTo(dailyStatistics, request);
    const parameters = parametersOf(request, ['of', 'bounds']);
    const of = choiceOf(parameters, 'of', DURATION_NAMES) ?? 'decision';
    const bounds = boundsOf(parameters);
    const where = conditionsOf(dailyStatistics, parameters);
    const { buckets, notYet } = await durationsOf(this.readModels, { of, bounds, where });
    sendJson(reply, 200, {
      of,
      buckets: buckets.map(shown),
      notYet: shown(notYet),
      position,
    });
  }

  @Get('complaints')
  @ApiOperation({
    operationId: 'lineage',
    summary: 'The complaints behind a number, each with the ids of the events that say so.',
  })
  @ApiPage()
  @ApiAnswer(LINEAGE_SCHEMA)
  async complaints(@Req() request: DoorRequest, @Res() reply: DoorReply): Promise<void> {
    const position = await this.door.admitTo(dailyStatistics, request);
    const parameters = parametersOf(request, ['limit', 'after']);
    const { rows, next } = await lineageOf(this.readModels, {
      where: conditionsOf(dailyStatistics, parameters),
      limit: limitOf(parameters),
      after: parameters['after'],
    });
    const items = rows.map(({ id, document }) => ({ id: idOf(id), events: eventsOf(document) }));
    sendJson(reply, 200, { items, next, position });
  }
}

/** A number with the address of what is behind it in place of the conditions. */
function shown({ where, ...figure }: Pick<Figure, 'count' | 'where'>): object {
  return { ...figure, lineage: addressOf(where) };
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

function parametersOf({ query }: DoorRequest, own: readonly string[]): QueryParameters {
  return readQuery(query, (name) => own.includes(name) || asks(name));
}

function byOf({ by }: QueryParameters): readonly string[] {
  return by === undefined ? [] : by.split(',');
}

function choiceOf<Word extends string>(
  parameters: QueryParameters,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const given = parameters[name];
  if (given === undefined) return undefined;
  const word = words.find((known) => known === given);
  if (word === undefined) throw badParameter(name, `must be one of ${words.join(', ')}`);
  return word;
}

function boundsOf({ bounds }: QueryParameters): readonly number[] {
  if (bounds === undefined) return BOUNDS_DEFAULT;
  // How many, and whether they ascend, is for the read model to say.
  if (BOUNDS.test(bounds)) return bounds.split(',').map(Number);
  throw badParameter('bounds', 'must be numbers of days with commas between');
}

function ApiBy(description: string, { required }: { readonly required: boolean }): MethodDecorator {
  const schema = { type: 'string', example: 'product,outcome' };
  return ApiQuery({ name: 'by', required, description, schema });
}

function ApiChoice(name: string, words: readonly string[], byDefault: string): MethodDecorator {
  const schema = { type: 'string', enum: [...words], default: byDefault };
  return ApiQuery({ name, required: false, schema });
}

/** What all routes with numbers have: conditions by fields, the position, refusals of queries. */
function ApiAnswer(schema: object): MethodDecorator {
  const parameters = fieldParameters(dailyStatistics, 'count');
  return applyDecorators(
    ...parameters.map((parameter) => ApiQuery(parameter)),
    ApiPositionHeader(),
    ApiOkResponse({ schema }),
    ApiProblems(...QUERY_PROBLEMS),
  );
}
