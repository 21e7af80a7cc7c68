import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import {
  ApiExcludeEndpoint,
  ApiOkResponse,
  ApiOperation,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { sendJson, type DoorReply, type DoorRequest } from './answers.js';
import { Documentation, DOCS_PAGE, DOCS_POLICY, DOCS_START } from './documentation.js';
import { Door } from './door.js';
import { RequestRefused, type ProblemKind } from './problem.js';

const TEXT_CACHE = 'public, max-age=86400';

/** What those who run the server ask for: probes, numbers, and what the API is. Holds no cases. */
@ApiTags('operations')
@Controller()
export class OperationsController {
  constructor(
    @Inject(Door) private readonly door: Door,
    @Inject(Documentation) private readonly documentation: Documentation,
  ) {}

  @Get('health/live')
  @ApiOperation({ operationId: 'live', summary: 'The process answers.', security: [] })
  @ApiOkResponse({ schema: { type: 'object', properties: { live: { type: 'boolean' } } } })
  live(@Res() reply: DoorReply): void {
    sendJson(reply, 200, { live: true });
  }

  @Get('health/ready')
  @ApiOperation({
    operationId: 'ready',
    summary: 'The stores are reachable and the read models keep up.',
    security: [],
  })
  @ApiOkResponse({ schema: readinessSchema() })
  @ApiResponse({ status: 503, description: 'Not ready; says why.', schema: readinessSchema() })
  async ready(@Res() reply: DoorReply): Promise<void> {
    const readiness = await this.door.options.readiness();
    sendJson(reply, readiness.ready ? 200 : 503, readiness);
  }

  @Get('metrics')
  @ApiOperation({ operationId: 'metrics', summary: 'Numbers for Prometheus.', security: [] })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  async metrics(@Res() reply: DoorReply): Promise<void> {
    const { metrics } = this.door;
    reply
      .code(200)
      .header('content-type', metrics.mediaType)
      .send(await metrics.text());
  }

  @Get('problems')
  @ApiOperation({ operationId: 'problems', summary: 'Every code of a refusal.', security: [] })
  @ApiOkResponse({ schema: { type: 'object', additionalProperties: problemKindSchema() } })
  problems(@Res() reply: DoorReply): void {
    const kinds = Object.entries(this.door.problems);
    sendJson(reply, 200, Object.fromEntries(kinds.map(([code, kind]) => [code, shown(kind)])));
  }

  @Get('problems/:code')
  @ApiOperation({ operationId: 'problem', summary: 'What a code means.', security: [] })
  @ApiOkResponse({ schema: problemKindSchema() })
  problem(@Req() request: DoorRequest, @Res() reply: DoorReply): void {
    const { code } = request.params as { readonly code: string };
    const { problems } = this.door;
    const kind = Object.hasOwn(problems, code) ? problems[code] : undefined;
    if (!kind) throw new RequestRefused('route.unknown', 'no such code');
    sendJson(reply, 200, { code, ...shown(kind) });
  }

  @Get('openapi.json')
  @ApiExcludeEndpoint()
  openApi(@Res() reply: DoorReply): void {
    const document = this.documentation.openApi();
    if (document === undefined) throw new RequestRefused('route.unknown', 'no document');
    reply.code(200).header('content-type', 'application/json; charset=utf-8').send(document);
  }

  @Get('docs')
  @ApiExcludeEndpoint()
  docs(@Res() reply: DoorReply): void {
    reply
      .code(200)
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', DOCS_POLICY)
      .send(DOCS_PAGE);
  }

  @Get('docs/:file')
  @ApiExcludeEndpoint()
  async file(@Req() request: DoorRequest, @Res() reply: DoorReply): Promise<void> {
    const { file } = request.params as { readonly file: string };
    const asset =
      file === 'start.js'
        ? { mediaType: 'text/javascript; charset=utf-8', content: Buffer.from(DOCS_START) }
        : await this.documentation.asset(file);
    if (!asset) throw new RequestRefused('route.unknown', 'no such file');
    reply
      .code(200)
      .header('content-type', asset.mediaType)
      .header('cache-control', TEXT_CACHE)
      .send(asset.content);
  }
}

function readinessSchema() {
  return {
    type: 'object',
    required: ['ready', 'checks'],
    properties: {
      ready: { type: 'boolean' },
      checks: { type: 'object', additionalProperties: { type: 'object' } },
    },
  };
}

/** What callers are told of a code; whom in the house it alarms is no business of theirs. */
function shown({ status, title, retryAfterSeconds }: ProblemKind): ProblemKind {
  return { status, title, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}

function problemKindSchema() {
  return {
    type: 'object',
    required: ['status', 'title'],
    properties: {
      code: { type: 'string' },
      status: { type: 'integer' },
      title: { type: 'string' },
      retryAfterSeconds: { type: 'integer' },
    },
  };
}
