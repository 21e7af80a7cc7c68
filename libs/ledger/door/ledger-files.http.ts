import { ApiProblems, Door, type DoorReply, type DoorRequest } from '#http';
import { formatVerifierKey, parseLedgerPath } from '#merkle';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { CHECKPOINT_PATH, COSIGNED_PATH } from '../tiles/ledger-folder.js';
import { LedgerDesk, refusal } from './ledger-desk.http.js';

const TEXT = 'text/plain; charset=utf-8';
const BYTES = 'application/octet-stream';
/** C2SP tlog-tiles, Checkpoints: not cached beyond a few seconds. */
const CHANGING = 'public, max-age=2';
/** C2SP tlog-tiles, Merkle Tree: immutable. */
const FOREVER = 'public, max-age=31536000, immutable';
/** As {@link FOREVER}, for what a proxy must not hand to others. */
const FOREVER_PRIVATE = 'private, max-age=31536000, immutable';

const NO_SECURITY = { security: [] };

type Kind = { readonly mediaType: string; readonly cache: string };

/**
 * The public files of the ledger, where C2SP tlog-tiles has them. Hashes tell nothing of what was
 * hashed, so they are anybody's; entries name who acted and when, and are for those who may read.
 */
@ApiTags('ledger')
@Controller('ledger')
export class LedgerFilesRoute {
  constructor(
    @Inject(LedgerDesk) private readonly desk: LedgerDesk,
    @Inject(Door) private readonly door: Door,
  ) {}

  @Get('checkpoint')
  @ApiOperation({
    operationId: 'ledger-checkpoint',
    summary: 'The latest signed checkpoint.',
    description: 'C2SP tlog-checkpoint. Keep it: it is what a rewritten log is found out by.',
    ...NO_SECURITY,
  })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  @ApiProblems('ledger.off', 'ledger.not-yet-signed', 'ledger.folder-unavailable')
  async checkpoint(@Res() reply: DoorReply): Promise<void> {
    const note = await this.desk.ledger.folder.read(CHECKPOINT_PATH);
    if (!note) throw refusal('ledger.not-yet-signed', 'nothing is signed yet');
    send(reply, note, { mediaType: TEXT, cache: CHANGING });
  }

  @Get('cosigned')
  @ApiOperation({
    operationId: 'ledger-cosigned',
    summary: 'The latest checkpoint that a witness cosigned.',
    ...NO_SECURITY,
  })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  @ApiProblems('ledger.off', 'ledger.unknown-file', 'ledger.folder-unavailable')
  async cosigned(@Res() reply: DoorReply): Promise<void> {
    await this.file(reply, COSIGNED_PATH, { mediaType: TEXT, cache: CHANGING });
  }

  @Get('checkpoints/:day')
  @ApiOperation({
    operationId: 'ledger-checkpoint-of-day',
    summary: 'The last signed checkpoint of a UTC day.',
    ...NO_SECURITY,
  })
  @ApiParam({ name: 'day', schema: { type: 'string', format: 'date' } })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  @ApiProblems('ledger.off', 'ledger.unknown-file', 'ledger.folder-unavailable')
  async ofDay(@Req() request: DoorRequest, @Res() reply: DoorReply): Promise<void> {
    const { day } = request.params as { readonly day: string };
    await this.file(reply, `checkpoints/${day}`, { mediaType: TEXT, cache: CHANGING });
  }

  @Get('time/:file')
  @ApiOperation({
    operationId: 'ledger-time-token',
    summary: 'A checkpoint (SIZE.note), and an RFC 3161 time token over it (SIZE.tsr).',
    ...NO_SECURITY,
  })
  @ApiParam({ name: 'file', schema: { type: 'string', pattern: '^[1-9]\\d*\\.(note|tsr)$' } })
  @ApiOkResponse({ content: { [BYTES]: { schema: { type: 'string', format: 'binary' } } } })
  @ApiProblems('ledger.off', 'ledger.unknown-file', 'ledger.folder-unavailable')
  async timeToken(@Req() request: DoorRequest, @Res() reply: DoorReply): Promise<void> {
    const { file } = request.params as { readonly file: string };
    await this.file(reply, `time/${file}`, { mediaType: BYTES, cache: FOREVER });
  }

  @Get('vkey')
  @ApiOperation({
    operationId: 'ledger-vkey',
    summary: "The log's verifier key.",
    description: 'Worth something only to those who compare it with one they got by another way.',
    ...NO_SECURITY,
  })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  @ApiProblems('ledger.off', 'ledger.not-yet-signed', 'ledger.folder-unavailable')
  async vkey(@Res() reply: DoorReply): Promise<void> {
    const key = await this.desk.ledger.key();
    if (!key) throw refusal('ledger.not-yet-signed', 'no key is known here yet');
    const line = Buffer.from(`${formatVerifierKey(key)}\n`);
    send(reply, line, { mediaType: TEXT, cache: CHANGING });
  }

  @Get('tile/*')
  @ApiOperation({
    operationId: 'ledger-tile',
    summary: 'A tile of hashes, or a bundle of entries (`entries/…`).',
    description:
      'C2SP tlog-tiles: `<L>/<N>[.p/<W>]` or `entries/<N>[.p/<W>]`, N as in `x001/x234/067`. Tiles are open; entries want the right to read.',
  })
  @ApiParam({ name: 'path', description: 'Several parts; slashes are not escaped.' })
  @ApiOkResponse({ content: { [BYTES]: { schema: { type: 'string', format: 'binary' } } } })
  @ApiProblems(
    'ledger.off',
    'ledger.unknown-file',
    'ledger.rebuilding',
    'ledger.folder-unavailable',
  )
  async tile(@Req() request: DoorRequest, @Res() reply: DoorReply): Promise<void> {
    const { '*': rest = '' } = request.params as { readonly '*'?: string };
    const path = `tile/${rest}`;
    const parsed = parseLedgerPath(path);
    if (!parsed) throw refusal('ledger.unknown-file', 'no tile and no bundle has this path');
    if (parsed.kind === 'entries') this.door.actor(request, 'read');
    const cache = parsed.kind === 'entries' ? FOREVER_PRIVATE : FOREVER;
    const isBeingRebuilt = this.desk.ledger.isBeingRebuilt();
    const bytes = await this.desk.ledger.folder.read(path);
    // Else whoever verifies the ledger from afar would take it for damaged.
    if (!bytes && isBeingRebuilt) throw refusal('ledger.rebuilding', 'it may not be there yet');
    this.sendFile(reply, bytes, { mediaType: BYTES, cache });
  }

  /** Only what is public is read, whatever the path: that is the folder's own rule. */
  private async file(reply: DoorReply, path: string, kind: Kind): Promise<void> {
    this.sendFile(reply, await this.desk.ledger.folder.read(path), kind);
  }

  private sendFile(reply: DoorReply, bytes: Uint8Array | undefined, kind: Kind): void {
    if (!bytes) throw refusal('ledger.unknown-file', 'there is no such file');
    send(reply, bytes, kind);
  }
}

function send(reply: DoorReply, bytes: Uint8Array, { mediaType, cache }: Kind): void {
  reply
    .code(200)
    .header('content-type', mediaType)
    .header('cache-control', cache)
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
