import {
  ApiPositionHeader,
  ApiProblems,
  limitOf,
  readQuery,
  RequestRefused,
  sendJson,
  type DoorReply,
  type DoorRequest,
} from '#http';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RecordedComplaintEvent } from '../../complaint/complaint.events.js';
import { idOf, readAddress } from '../../door/complaint-address.http.js';
import { ApiPage } from '../../door/page.http.js';
import { READ_PROBLEMS, ReadDoor } from '../../door/read-door.http.js';
import { notLodged, ReadComplaint } from '../../door/read-complaint.http.js';
import { EVENT_SCHEMA } from '../../door/view-schema.http.js';

@ApiTags('complaints')
@Controller('v1/complaints')
export class ListEventsRoute {
  constructor(
    @Inject(QueryBus) private readonly bus: QueryBus,
    @Inject(ReadDoor) private readonly door: ReadDoor,
  ) {}

  @Get(':id/events')
  @ApiOperation({ operationId: 'list-events', summary: 'The events of a complaint, oldest first.' })
  @ApiParam({ name: 'id', description: 'Id or reference of the complaint.' })
  @ApiPage()
  @ApiPositionHeader()
  @ApiOkResponse({
    schema: {
      type: 'object',
      required: ['id', 'items'],
      properties: {
        id: { type: 'string', format: 'uuid' },
        items: { type: 'array', items: EVENT_SCHEMA },
        next: { type: 'string' },
      },
    },
  })
  @ApiProblems('complaint.not-lodged', 'query.bad-cursor', ...READ_PROBLEMS)
  async list(@Req() request: DoorRequest, @Res() reply: DoorReply): Promise<void> {
    await this.door.admitToLog(request);
    const { stream } = readAddress(request);
    const parameters = readQuery(request.query, (name) => name === 'limit' || name === 'after');
    const limit = limitOf(parameters);
    const from = firstOf(parameters['after']);
    // A complaint has a bounded number of events, so a page is cut from all of them.
    const events = await this.bus.execute(new ReadComplaint(stream));
    if (events.length === 0) throw notLodged();
    const items = events.slice(from, from + limit).map((event) => shown(event));
    const next = from + limit < events.length ? cursorOf(from + limit) : undefined;
    sendJson(reply, 200, { id: idOf(stream), items, next });
  }
}

/** An event as it is told. Without the salt, which serves the ledger alone. */
function shown({ id, type, revision, position, data, metadata }: RecordedComplaintEvent): object {
  const { actor, recordedAt, occurredAt, reason, commandId, correlationId, causationId } = metadata;
  return {
    event: revision + 1,
    id,
    type,
    revision,
    position,
    recordedAt,
    occurredAt,
    actor,
    reason,
    commandId,
    correlationId,
    causationId,
    data,
  };
}

const CURSOR = /^from-(\d{1,6})$/;

function cursorOf(revision: number): string {
  return Buffer.from(`from-${revision}`).toString('base64url');
}

function firstOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const match = CURSOR.exec(Buffer.from(cursor, 'base64url').toString());
  if (!match) throw new RequestRefused('query.bad-cursor', 'after is not a cursor of this list');
  return Number(match[1]);
}
