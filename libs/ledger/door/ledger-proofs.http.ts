import { ApiProblems, type DoorReply, type DoorRequest } from '#http';
import { isUuid } from '#kernel';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { proveEvent } from '../prove-event.js';
import { LedgerDesk, refusal } from './ledger-desk.http.js';

/**
 * The proof of one event, for whoever holds its id: 122 bits that nobody guesses. It tells what the
 * leaf says (who acted, when, of what type, hashes), and nothing of what the event says.
 */
@ApiTags('ledger')
@Controller('ledger')
export class LedgerProofsRoute {
  constructor(@Inject(LedgerDesk) private readonly desk: LedgerDesk) {}

  @Get('proofs/:eventId')
  @ApiOperation({
    operationId: 'ledger-proof',
    summary: 'The proof that an event is in the log, to be kept.',
    description:
      'C2SP tlog-proof: the entry, its index, the inclusion proof and the signed checkpoint. Waits a moment for a checkpoint that covers the event, else 503.',
    security: [],
  })
  @ApiParam({ name: 'eventId', schema: { type: 'string', format: 'uuid' } })
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
    const proved = isUuid(id)
      ? await this.desk.whenCovered(() => proveEvent(folder, id))
      : undefined;
    if (!proved) throw refusal('ledger.unknown-event', 'no event of the log has this id');
    reply
      .code(200)
      .header('content-type', 'text/plain; charset=utf-8')
      .header('content-disposition', `attachment; filename="${id}.tlog-proof"`)
      .send(proved.tlogProof);
  }
}
