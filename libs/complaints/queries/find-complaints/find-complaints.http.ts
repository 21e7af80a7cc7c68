import {
  ApiPositionHeader,
  ApiProblems,
  limitOf,
  readQuery,
  sendJson,
  type DoorReply,
  type DoorRequest,
} from '#http';
import { ReadModels, type FindQuery, type Found, type Row } from '#read-models/port';
import { applyDecorators, Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { Query, QueryBus, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { idOf } from '../../door/complaint-address.http.js';
import { ApiPage } from '../../door/page.http.js';
import {
  asksAbout,
  conditionsOf,
  fieldParameters,
  rowSchema,
  sortOf,
} from '../../door/query-conditions.http.js';
import { QUERY_PROBLEMS, ReadDoor } from '../../door/read-door.http.js';
import { listComplaints } from '../list-complaints.query.js';
import { complaintRegister } from '../../projections/complaint-register.projection.js';
import type { RegisteredComplaint } from '../../projections/complaint-register.schema.js';

/** Rows of the register. */
export class FindComplaints extends Query<Found<Row<RegisteredComplaint>>> {
  constructor(readonly query: FindQuery) {
    super();
  }
}

@QueryHandler(FindComplaints)
export class FindComplaintsHandler implements IQueryHandler<FindComplaints> {
  constructor(@Inject(ReadModels) private readonly readModels: ReadModels) {}

  async execute({ query }: FindComplaints): Promise<Found<Row<RegisteredComplaint>>> {
    return await listComplaints(this.readModels, query);
  }
}

const asks = asksAbout(complaintRegister);
const SORTABLE = Object.entries(complaintRegister.fields)
  .filter(([, field]) => field.sort)
  .flatMap(([name]) => [name, `-${name}`]);

@ApiTags('complaints')
@Controller('v1/complaints')
export class FindComplaintsRoute {
  constructor(
    @Inject(QueryBus) private readonly bus: QueryBus,
    @Inject(ReadDoor) private readonly door: ReadDoor,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'find-complaints',
    summary: 'The queue: complaints by declared fields, sorted, a page at a time.',
  })
  @ApiPositionHeader()
  @ApiPage()
  @ApiQuery({ name: 'sort', required: false, schema: { type: 'string', enum: SORTABLE } })
  @ApiQuery({
    name: 'reference',
    required: false,
    description: 'The one complaint that is called so, in any way of writing it.',
    schema: { type: 'string', example: 'C-26-7F3K-9QXM-Q' },
  })
  @ApiFields()
  @ApiOkResponse({
    schema: {
      type: 'object',
      required: ['items'],
      properties: {
        items: { type: 'array', items: rowSchema(complaintRegister) },
        next: { type: 'string' },
        position: { type: 'string' },
      },
    },
  })
  @ApiProblems(...QUERY_PROBLEMS)
  async find(@Req() request: DoorRequest, @Res() reply: DoorReply): Promise<void> {
    const position = await this.door.admitTo(complaintRegister, request);
    const parameters = readQuery(request.query, (name) => PAGING.includes(name) || asks(name));
    const { after } = parameters;
    const sort = sortOf(parameters);
    const found = await this.bus.execute(
      new FindComplaints({
        where: conditionsOf(complaintRegister, parameters),
        limit: limitOf(parameters),
        ...(sort ? { sort } : {}),
        ...(after === undefined ? {} : { after }),
      }),
    );
    const items = found.rows.map(({ id, revision, document }) => ({
      ...document,
      id: idOf(id),
      revision,
    }));
    sendJson(reply, 200, { items, next: found.next, position });
  }
}

const PAGING = ['sort', 'limit', 'after'];

function ApiFields(): MethodDecorator {
  const parameters = fieldParameters(complaintRegister, 'find');
  return applyDecorators(...parameters.map((parameter) => ApiQuery(parameter)));
}
