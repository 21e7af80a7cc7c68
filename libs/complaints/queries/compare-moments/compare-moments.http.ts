import {
  ApiPositionHeader,
  ApiProblems,
  badParameter,
  readQuery,
  sendJson,
  type DoorReply,
  type DoorRequest,
  type QueryParameters,
} from '#http';
import { isInstant } from '#kernel';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { RecordedComplaintEvent } from '../../complaint/complaint.events.js';
import { diff, type ComplaintView } from '../../complaint/complaint.view.js';
import { idOf, readAddress } from '../../door/complaint-address.http.js';
import { notLodged, ReadComplaint, viewAt } from '../../door/read-complaint.http.js';
import { READ_PROBLEMS, ReadDoor } from '../../door/read-door.http.js';
import { CHANGE_SCHEMA } from '../../door/view-schema.http.js';

const MOMENT_FORMS = '`event:3`, `at:` or `knownAt:` with a moment, or a moment alone (as `at:`)';

@ApiTags('complaints')
@Controller('v1/complaints')
export class CompareMomentsRoute {
  constructor(
    @Inject(QueryBus) private readonly bus: QueryBus,
    @Inject(ReadDoor) private readonly door: ReadDoor,
  ) {}

  @Get(':id/diff')
  @ApiOperation({
    operationId: 'compare-moments',
    summary: 'What changed in a complaint between two moments.',
  })
  @ApiParam({ name: 'id', description: 'Id or reference of the complaint.' })
  @ApiQuery({ name: 'from', description: `${MOMENT_FORMS}; \`event:0\` is before it was lodged.` })
  @ApiQuery({ name: 'to', description: MOMENT_FORMS })
  @ApiPositionHeader()
  @ApiOkResponse({
    schema: {
      type: 'object',
      required: ['id', 'from', 'to', 'changes'],
      properties: {
        id: { type: 'string', format: 'uuid' },
        from: { type: 'string' },
        to: { type: 'string' },
        changes: { type: 'array', items: CHANGE_SCHEMA },
      },
    },
  })
  @ApiProblems('complaint.not-lodged', ...READ_PROBLEMS)
  async compare(@Req() request: DoorRequest, @Res() reply: DoorReply): Promise<void> {
    await this.door.admitToLog(request);
    const { stream } = readAddress(request);
    const parameters = readQuery(request.query, (name) => name === 'from' || name === 'to');
    const events = await this.bus.execute(new ReadComplaint(stream));
    if (events.length === 0) throw notLodged();
    const changes = diff(
      viewOfMoment(events, parameters, 'from'),
      viewOfMoment(events, parameters, 'to'),
    );
    const { from, to } = parameters;
    sendJson(reply, 200, { id: idOf(stream), from, to, changes });
  }
}

const EVENT_NUMBER = /^event:(\d{1,6})$/;
const NAMED_INSTANT = /^(?:(at|knownAt):)?(\d{4}-.+)$/;

function viewOfMoment(
  events: readonly RecordedComplaintEvent[],
  parameters: QueryParameters,
  name: 'from' | 'to',
): ComplaintView | undefined {
  const text = parameters[name] ?? '';
  const number = EVENT_NUMBER.exec(text)?.[1];
  if (number !== undefined) {
    return Number(number) === 0 ? undefined : viewAt(events, { event: Number(number) });
  }
  const [, line = 'at', instant = ''] = NAMED_INSTANT.exec(text) ?? [];
  if (!isInstant(instant)) throw badParameter(name, `must be ${MOMENT_FORMS}`);
  return viewAt(events, line === 'at' ? { at: instant } : { knownAt: instant });
}
