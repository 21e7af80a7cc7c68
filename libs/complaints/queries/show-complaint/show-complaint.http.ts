import {
  ApiPositionHeader,
  ApiProblems,
  etagOf,
  instantOf,
  readQuery,
  sendJson,
  wholeNumberOf,
  type DoorReply,
  type DoorRequest,
  type QueryParameters,
} from '#http';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import { EVENTS_PER_COMPLAINT_MAX } from '../../complaint/complaint.limits.js';
import type { Moment } from '../../complaint/complaint.replay.js';
import { idOf, readAddress } from '../../door/complaint-address.http.js';
import { notLodged, ReadComplaint, viewAt } from '../../door/read-complaint.http.js';
import { READ_PROBLEMS, ReadDoor } from '../../door/read-door.http.js';
import { VIEW_SCHEMA } from '../../door/view-schema.http.js';

@ApiTags('complaints')
@Controller('v1/complaints')
export class ShowComplaintRoute {
  constructor(
    @Inject(QueryBus) private readonly bus: QueryBus,
    @Inject(ReadDoor) private readonly door: ReadDoor,
  ) {}

  @Get(':id')
  @ApiOperation({
    operationId: 'show-complaint',
    summary: 'A complaint, now or at any moment, with what may be done next.',
    description: 'Folded from the log, so that it holds every write that was answered.',
  })
  @ApiParam({ name: 'id', description: 'Id or reference of the complaint.' })
  @ApiQuery({
    name: 'event',
    required: false,
    description: 'After its first so many events.',
    schema: { type: 'integer', minimum: 1 },
  })
  @ApiQuery({
    name: 'at',
    required: false,
    description: 'As it was by when things happened.',
    schema: { type: 'string', format: 'date-time' },
  })
  @ApiQuery({
    name: 'knownAt',
    required: false,
    description: 'As it was known, by when things were recorded.',
    schema: { type: 'string', format: 'date-time' },
  })
  @ApiPositionHeader()
  @ApiOkResponse({ schema: VIEW_SCHEMA })
  @ApiProblems('complaint.not-lodged', ...READ_PROBLEMS)
  async show(@Req() request: DoorRequest, @Res() reply: DoorReply): Promise<void> {
    await this.door.admitToLog(request);
    const { stream } = readAddress(request);
    const parameters = readQuery(request.query, (name) => MOMENT.includes(name));
    const moment = momentOf(parameters);
    const events = await this.bus.execute(new ReadComplaint(stream));
    const last = events.at(-1);
    const view = viewAt(events, moment);
    if (!last || !view) throw notLodged(Object.keys(parameters).length > 0);
    // A state of the past is not what If-Match speaks of.
    if (Object.keys(parameters).length === 0) reply.header('etag', etagOf(last.revision));
    const { revision, position } = last;
    sendJson(reply, 200, { id: idOf(stream), revision, position, ...view });
  }
}

const MOMENT = ['event', 'at', 'knownAt'];

function momentOf(parameters: QueryParameters): Moment {
  const bounds = { min: 1, max: EVENTS_PER_COMPLAINT_MAX };
  return {
    event: wholeNumberOf(parameters, 'event', bounds),
    at: instantOf(parameters, 'at'),
    knownAt: instantOf(parameters, 'knownAt'),
  };
}
