import { Module, type DynamicModule } from '@nestjs/common';
import { LedgerDesk } from './ledger-desk.http.js';
import { LedgerFilesRoute } from './ledger-files.http.js';
import { LedgerPacksRoute } from './ledger-packs.http.js';
import { LedgerProofsRoute } from './ledger-proofs.http.js';
import type { ServedLedger } from './served-ledger.js';

/** The ledger's routes. They are there without a ledger too, and say so. Wants a global `DoorModule`. */
@Module({})
export class LedgerModule {
  static with(ledger: ServedLedger | undefined): DynamicModule {
    return {
      module: LedgerModule,
      controllers: [LedgerFilesRoute, LedgerProofsRoute, LedgerPacksRoute],
      providers: [{ provide: LedgerDesk, useValue: new LedgerDesk(ledger) }],
    };
  }
}
