import { describe, expect, it } from '@jest/globals';
import { verifyPack } from '#evidence';
import {
  complaintHistory,
  printTampering,
  randomNumbers,
  samplePackFiles,
  samplePackZip,
  signedLedger,
} from '#testing/evidence';

// The tamper suite's other half: what nobody has touched raises no alarm.

const CLEAN_PACKS = 1_000;
const TIMEOUT_MS = 3_600_000;

describe('clean packs', () => {
  it(
    'raise no alarm',
    async () => {
      const random = randomNumbers(11);
      const alarms: string[] = [];
      for (let round = 0; round < CLEAN_PACKS; round += 1) {
        const size = 5 + random(50);
        const streams = 1 + random(6);
        const events = complaintHistory({ events: size, streams, seed: `p${round}` });
        const ledger = signedLedger({ events });
        const younger = signedLedger({ events: events.slice(0, 1 + random(size - 1)) });
        const { stream = '' } = events[random(size)] ?? {};
        const withheld = random(3) === 0 ? [0] : [];
        const earlier = [younger];
        const files = await samplePackFiles({ ledger, events, stream, earlier, withheld });
        const kept = [younger.note];
        const { ok, faults } = verifyPack(samplePackZip(files), { policy: ledger.policy, kept });
        if (!ok) alarms.push(`${round}: ${JSON.stringify(faults[0])}`);
      }
      printTampering(`${CLEAN_PACKS} clean packs, ${alarms.length} false alarms`);
      expect(alarms).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
