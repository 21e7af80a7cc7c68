import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  addSignatures,
  cosign,
  formatVerifierKey,
  newSignerKey,
  parsePolicy,
  verifierKeyOf,
  type Policy,
} from '#merkle';
import { complaintHistory, signedLedger, testSigner, type MemoryLedger } from '#testing/evidence';
import { utf8 } from '../bytes.js';
import { verifyEvents, verifyLedger } from './verify-ledger.js';

// A policy with a quorum holds a checkpoint valid once its witnesses have cosigned it, and a log
// publishes each before they have.

const EVENTS = complaintHistory({ events: 300, streams: 10 });
const LOG = testSigner();
const WITNESSES = [1, 2].map((at) =>
  newSignerKey(`w.example/${at}`, new Uint8Array(32).fill(40 + at), 4),
);
const vkeys = WITNESSES.map((key) => formatVerifierKey(verifierKeyOf(key)));
const policyWith = (quorum: string): Policy =>
  parsePolicy(
    `log ${formatVerifierKey(verifierKeyOf(LOG))}\nwitness a ${vkeys[0]}\nwitness b ${vkeys[1]}\n${quorum}\n`,
  );
const BOTH = policyWith('group all-of-them all a b\nquorum all-of-them');

function cosigned(note: string, by = WITNESSES): string {
  const text = note.slice(0, note.lastIndexOf('\n\n') + 1);
  return addSignatures(note, by.map((key) => cosign(text, key, 1_700_000_000n)).join(''));
}

let ledger: MemoryLedger;
const young = signedLedger({ events: EVENTS.slice(0, 200) }, LOG);
const withCosigned = (note: string, checkpoint = ledger.note): MemoryLedger => {
  const copy = ledger.clone();
  copy.files.set('cosigned', utf8(note));
  copy.files.set('checkpoint', utf8(checkpoint));
  return copy;
};

beforeAll(() => {
  ledger = signedLedger({ events: EVENTS }, LOG);
});

describe('a log whose latest checkpoint is not cosigned yet', () => {
  it('is spoken of as far as the quorum has cosigned it', async () => {
    const verdict = await verifyLedger(withCosigned(cosigned(young.note)), { policy: BOTH });
    expect(verdict).toMatchObject({ ok: true, size: 200, checked: 200, notCosignedYet: 100 });
    expect(verdict.checks.join()).toContain('200 leaves: cosigned by a at');
    expect(verdict.notProved[0]).toContain('the last 100 of the 300 leaves: signed by the log');
    expect(verdict.notProved.join()).not.toContain('rewritten as a whole');
  });

  it('is all checked nevertheless, beyond it too', async () => {
    const broken = withCosigned(cosigned(young.note));
    const bundle = broken.files.get('tile/entries/001.p/44');
    bundle?.set([0x58], bundle.length - 5);
    const verdict = await verifyLedger(broken, { policy: BOTH });
    expect(verdict).toMatchObject({ ok: false, faults: [{ what: 'leaf', index: 299 }] });
    const pages = [EVENTS];
    const store = await verifyEvents(
      (async function* () {
        yield* pages;
      })(),
      withCosigned(cosigned(young.note)),
      { policy: BOTH },
    );
    expect(store).toMatchObject({ ok: true, size: 200, notCosignedYet: 100, notYetSigned: 0 });
  });

  it('is spoken of as a whole once it is, or where the policy asks nobody', async () => {
    const whole = { ok: true, size: 300, checked: 300, notCosignedYet: 0 };
    const now = withCosigned(cosigned(young.note), cosigned(ledger.note));
    expect(await verifyLedger(now, { policy: BOTH })).toMatchObject(whole);
    const same = withCosigned(cosigned(ledger.note));
    expect(await verifyLedger(same, { policy: BOTH })).toMatchObject(whole);
    const none = await verifyLedger(withCosigned(cosigned(young.note)), {
      policy: policyWith('quorum none'),
    });
    expect(none).toMatchObject(whole);
  });

  it('is not valid where the quorum has cosigned nothing', async () => {
    const one = cosigned(young.note, WITNESSES.slice(0, 1));
    for (const found of [ledger, withCosigned(one), withCosigned(young.note)]) {
      const verdict = await verifyLedger(found, { policy: BOTH });
      expect(verdict).toMatchObject({ ok: false, size: 300, notCosignedYet: 300 });
      expect(verdict.faults).toMatchObject([{ what: 'cosignature', index: 300 }]);
    }
  });

  it('rests on no cosigned checkpoint of another tree', async () => {
    const fork = complaintHistory({ events: 200, streams: 10, seed: 'fork' });
    const other = cosigned(signedLedger({ events: fork }, LOG).note);
    const verdict = await verifyLedger(withCosigned(other), { policy: BOTH });
    expect(verdict).toMatchObject({ ok: false, size: 300, notCosignedYet: 300 });
    expect(verdict.faults).toMatchObject([{ what: 'checkpoint', index: 200, path: 'cosigned' }]);
    expect(verdict.checks.join()).not.toContain('cosigned by');
    expect(verdict.notProved.join()).toContain('rewritten as a whole');
  });
});
