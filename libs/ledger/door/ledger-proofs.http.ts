import { ApiProblems, Door, type DoorReply, type DoorRequest } from '#http';
import { isUuid } from '#kernel';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import { proveEvent, type ProveOptions } from '../prove-event.js';
import { LedgerDesk, refusal } from './ledger-desk.http.js';
import { LEAF_SALT } from './receipt-link.js';

/**
 * The proof of one event, for whoever holds its receipt or may read events. It tells what the leaf says
 * (the id of who acted, when, of what type, hashes), and nothing of what the event says. The id alone
 * opens nothing: it derives from who acted and the key of the request, which can be guessed. To others
 * an event that is there is as one that is not, or they could ask which there are.
 */
@ApiTags('ledger')
@Controller('ledger')
export class LedgerProofsRoute {
  constructor(
    @Inject(LedgerDesk) private readonly desk: LedgerDesk,
    @Inject(Door) private readonly door: Door,
  ) {}

  @Get('proofs/:eventId')
  @ApiOperation({
    operationId: 'ledger-proof',
    summary: 'The proof that an event is in the log, to be kept.',
    description:
      'C2SP tlog-proof: the entry, its index, the inclusion proof and the signed checkpoint. For whoever has the salt, as the address of a receipt carries it, or the right to read. Waits a moment for a checkpoint that covers the event, else 503.',
    security: [{}, { bearer: [] }],
  })
  @ApiParam({ name: 'eventId', schema: { type: 'string', format: 'uuid' } })
  @ApiQuery({
    name: 'salt',
    required: false,
    description: 'Of the leaf, as the receipt has it. Not needed with the right to read.',
    schema: { type: 'string', pattern: LEAF_SALT.source },
  })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  @ApiProblems(
    'ledger.off',
    'ledger.unknown-event',
    'ledger.not-yet-signed',
    'ledger.rebuilding',
    'ledger.folder-unavailable',
    'store.unavailable',
  )
  async proof(@Req() request: DoorRequest, @Res() reply: DoorReply): Promise<void> {
    const { eventId } = request.params as { readonly eventId: string };
    const { folder } = this.desk.ledger;
    const id = eventId.toLowerCase();
    const asked = isUuid(id) ? this.#asked(request) : undefined;
    const proved = asked && (await this.desk.whenCovered(() => proveEvent(folder, id, asked)));
    if (!proved) {
      const without = 'no event of the log has this id and salt';
      throw refusal('ledger.unknown-event', `${without}; who may read needs no salt`);
    }
    reply
      .code(200)
      // Who may not see it without the salt must not see it out of a proxy's memory either.
      .header('cache-control', 'private, no-store')
      .header('content-type', 'text/plain; charset=utf-8')
      .header('content-disposition', `attachment; filename="${id}.tlog-proof"`)
      .send(proved.tlogProof);
  }

  /** What is looked for; undefined when nothing may be seen, so that nothing is looked up. */
  #asked(request: DoorRequest): ProveOptions | undefined {
    if (this.door.allows(request, 'read')) return {};
    const { salt } = (request.query ?? {}) as { readonly salt?: unknown };
    return typeof salt === 'string' && LEAF_SALT.test(salt) ? { leafSalt: salt } : undefined;
  }
}
