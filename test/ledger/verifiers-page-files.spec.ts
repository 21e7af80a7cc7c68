import { describe, expect, it } from '@jest/globals';
import { formatVerifierKey, verifierKeyOf } from '#merkle';
import {
  complaintHistory,
  samplePackFiles,
  samplePackZip,
  signedLedger,
  testSigner,
} from '#testing/evidence';
import { answerTo } from '../../apps/verifiers/page/answer.js';
import { keptAmong, packAmong, withDropped } from '../../apps/verifiers/page/dropped-files.js';

const files = (...names: readonly string[]) => names.map((name) => ({ name }));
const dropped = (...names: readonly string[]) =>
  files(...names).reduce(withDropped, [] as readonly { readonly name: string }[]);

describe('what is dropped on the one-file verifier', () => {
  it('is the pack that was dropped last, held against what else was dropped', () => {
    const all = dropped('first.zip', 'kept', 'second.zip', 'receipt.tlog-proof');
    const pack = packAmong(all);
    expect(pack).toEqual({ name: 'second.zip' });
    expect(keptAmong(all, pack ?? { name: '' })).toEqual(files('kept', 'receipt.tlog-proof'));
  });

  it('is never a pack that was kept, though another one was chosen in the form', () => {
    const chosen = { name: 'chosen.zip' };
    expect(keptAmong(dropped('dropped.zip', 'kept'), chosen)).toEqual(files('kept'));
  });

  it('is the receipt that was dropped last, where there is no pack', () => {
    expect(packAmong(dropped('one.tlog-proof', 'two.tlog-proof'))?.name).toBe('two.tlog-proof');
    expect(packAmong(dropped('kept'))).toBeUndefined();
  });
});

describe('the policy that is given to the one-file verifier', () => {
  it('may be pasted without what ends its last line', async () => {
    const events = complaintHistory({ events: 12, streams: 3 });
    const stream = events[0]?.stream ?? '';
    const pack = samplePackZip(
      await samplePackFiles({ ledger: signedLedger({ events }), events, stream }),
    );
    const key = formatVerifierKey(verifierKeyOf(testSigner()));
    for (const policy of [
      `log ${key}\nquorum none`,
      `log ${key}\nquorum none\n`,
      key,
      `${key}\n`,
    ]) {
      expect(answerTo({ pack, policy, kept: [] })).toMatchObject({ holds: true });
    }
  });
});
