import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { formatAddCheckpoint } from '#ledger/witness';
import { openCheckpoint, parseVerifierKey, verifyConsistency } from '#merkle';
import { hashOf, witnessGround, type Answered, type WitnessGround } from './witness-ground.js';
import { WitnessedLog } from './witnessed-log.js';

jest.setTimeout(60_000);

const SUBMITTED_AT_ONCE = 40;
const CLIENTS = 8;
const SIZE_MAX = 120;

let log: WitnessedLog;
let ground: WitnessGround;

beforeEach(async () => {
  log = new WitnessedLog('redress.test/race');
  ground = witnessGround([log.vkey]);
  await ground.start();
});

afterEach(async () => {
  await ground.remove();
  expect(ground.faults).toEqual([]);
});

async function servedSize(): Promise<number> {
  const { text } = await ground.get(`/${hashOf(log.origin)}/checkpoint`);
  const key = parseVerifierKey(ground.running().vkey);
  return Number(openCheckpoint(text, [key]).checkpoint.size);
}

/** A client that knows the size it was told last and asks for a larger one until the end. */
async function client(
  of: WitnessedLog,
  step: number,
  onCosigned: (from: number, to: number) => void,
): Promise<readonly number[]> {
  const statuses: number[] = [];
  let known = 0;
  while (known < SIZE_MAX) {
    const to = Math.min(known + step, SIZE_MAX);
    const { status, text } = await ground.submit(of.request(known, to));
    statuses.push(status);
    if (status === 200) onCosigned(known, to);
    if (status === 422) return statuses;
    known = status === 200 ? to : Number(text);
  }
  return statuses;
}

describe('many who ask at once', () => {
  it('are let in one by one: of those who start from one size, one is cosigned', async () => {
    await ground.submit(log.request(0, 10));
    const sizes = Array.from({ length: SUBMITTED_AT_ONCE }, (_, index) => 11 + index);
    const answers = await Promise.all(sizes.map((size) => ground.submit(log.request(10, size))));
    const cosigned = sizes.filter((_, index) => answers[index]?.status === 200);
    expect(cosigned).toHaveLength(1);
    const [size] = cosigned;
    const refused = answers.filter(({ status }) => status !== 200);
    expect(new Set(refused.map(({ text }) => text))).toEqual(new Set([`${size}\n`]));
    expect(await servedSize()).toBe(size);
  });

  it('never roll a checkpoint back (the race at the end of add-checkpoint)', async () => {
    await ground.submit(log.request(0, 10));
    // A with the smaller size and B with the larger: both are consistent with what is held.
    for (let round = 0; round < 20; round += 1) {
      const from = await servedSize();
      const bodies = [log.request(from, from + 1), log.request(from, from + 5)];
      const inTurn = round % 2 === 0 ? bodies : bodies.toReversed();
      const answers = await Promise.all(inTurn.map((body) => ground.submit(body)));
      const statuses = answers.map(({ status }) => status).toSorted();
      expect(statuses).toEqual([200, 409]);
      const conflict = answers.find(({ status }) => status === 409);
      expect(conflict?.text).toBe(`${await servedSize()}\n`);
    }
  });

  it('leave one history in which every checkpoint extends the one before', async () => {
    const steps: { readonly from: number; readonly to: number }[] = [];
    const onCosigned = (from: number, to: number) => {
      steps.push({ from, to });
    };
    const clients = Array.from({ length: CLIENTS }, (_, index) => {
      return client(log, index + 1, onCosigned);
    });
    const statuses = (await Promise.all(clients)).flat();
    expect(statuses).toContain(409);
    const history = steps.toSorted((a, b) => a.from - b.from);
    let held = 0;
    for (const { from, to } of history) {
      expect(from).toBe(held);
      held = to;
    }
    expect(held).toBe(SIZE_MAX);
  });

  it('are told to come again when too many wait for one log', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => ground.submit(log.request(0, 1))),
    );
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].every((status) => [200, 409, 503].includes(status))).toBe(true);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });
});

describe('a log that forks', () => {
  function evidence(): readonly Record<string, string>[] {
    const folder = join(ground.folder, 'evidence', hashOf(log.origin));
    return readdirSync(folder)
      .toSorted()
      .map(
        (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, string>,
      );
  }

  function proofLess(fork: WitnessedLog, from: number, to: number): Promise<Answered> {
    const note = fork.note(to);
    return ground.submit(formatAddCheckpoint({ oldSize: BigInt(from), proof: [], note }));
  }

  it('is not cosigned, and two notes of one size that convict it are kept', async () => {
    await ground.submit(log.request(0, 50));
    const fork = log.forkedAt(30);
    const { status } = await proofLess(fork, 50, 50);
    expect(status).toBe(422);
    const [found] = ground.misbehaviour;
    expect(found).toMatchObject({ kind: 'fork', origin: log.origin, refused: fork.note(50) });
    expect(evidence()).toEqual([
      { kind: 'fork', origin: log.origin, cosigned: found?.cosigned, refused: fork.note(50) },
    ]);
    // What convicts it needs no trust in the witness: both are signed with the log's own key.
    const key = parseVerifierKey(log.vkey);
    const roots = [found?.cosigned ?? '', fork.note(50)].map(
      (note) => openCheckpoint(note, [key]).checkpoint,
    );
    expect(roots[0]?.size).toBe(roots[1]?.size);
    expect(roots[0]?.root).not.toEqual(roots[1]?.root);
  });

  it('is not cosigned at a larger size, with any proof that it can make', async () => {
    await ground.submit(log.request(0, 50));
    const fork = log.forkedAt(30);
    const requests = [fork.request(50, 64), log.request(50, 64)].map((request) => {
      // The honest proof, or the fork's own, with the fork's note.
      const [head = ''] = request.split('\n\n');
      return `${head}\n\n${fork.note(64)}`;
    });
    for (const request of requests) {
      expect(await ground.submit(request)).toMatchObject({ status: 422 });
    }
    expect(await servedSize()).toBe(50);
    expect(ground.misbehaviour.map(({ kind }) => kind)).toEqual(['unproved', 'unproved']);
    // The same note is the same evidence.
    expect(evidence()).toHaveLength(1);
    expect(await ground.submit(log.request(50, 64))).toMatchObject({ status: 200 });
  });

  it('gets one of its histories cosigned at most, however it mixes them', async () => {
    const fork = log.forkedAt(40);
    const cosigned: { readonly of: WitnessedLog; readonly size: number }[] = [];
    const follow = (of: WitnessedLog, step: number) =>
      client(of, step, (_from, size) => cosigned.push({ of, size }));
    await Promise.all([follow(log, 7), follow(fork, 11), follow(log, 5), follow(fork, 3)]);
    const beyond = new Set(cosigned.filter(({ size }) => size > 40).map(({ of }) => of));
    expect(beyond.size).toBe(1);
    const sizes = cosigned.toSorted((a, b) => a.size - b.size);
    for (const [index, { of, size }] of sizes.entries()) {
      const before = sizes[index - 1];
      if (before === undefined || before.size === size) continue;
      const claim = { size1: BigInt(before.size), root1: before.of.root(before.size) };
      const proof = of.proof(before.size, size);
      const larger = { size2: BigInt(size), root2: of.root(size), proof };
      expect(verifyConsistency({ ...claim, ...larger })).toBe(true);
    }
    const loser = beyond.has(log) ? fork : log;
    const more = loser.request(SIZE_MAX, SIZE_MAX + 1);
    expect(await ground.submit(more)).toMatchObject({ status: 422 });
  });

  it('cannot fill the disk with unproved checkpoints', async () => {
    await ground.submit(log.request(0, 5));
    for (let size = 6; size < 126; size += 1) {
      expect(await proofLess(log, 5, size)).toMatchObject({ status: 422 });
    }
    expect(evidence()).toHaveLength(100);
    // What convicts the log still finds room.
    await proofLess(log.forkedAt(2), 5, 5);
    expect(evidence()).toHaveLength(101);
  });
});
