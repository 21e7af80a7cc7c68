import { describe, expect, it } from '@jest/globals';
import { MemoryEventStore } from '#event-store/memory';
import { happenedAt, type StoredEvent } from '#kernel';
import { decodeComplaintEvent } from '../complaint/complaint.reader.js';
import { evolve, type Complaint } from '../complaint/complaint.state.js';
import { demonstrate, PERIOD_DAYS, UNTIL_DAY_DEFAULT } from './demonstration.js';

async function eventsOf(seed: string, complaints: number): Promise<readonly StoredEvent[]> {
  const eventStore = new MemoryEventStore();
  const told = await demonstrate({ eventStore, seed, complaints, untilDay: UNTIL_DAY_DEFAULT });
  const events: StoredEvent[] = [];
  for await (const page of eventStore.readAll()) events.push(...page);
  expect(told.events).toBe(events.length);
  return events;
}

describe('the demonstration organisation', () => {
  it('is the same for the same seed, byte for byte, and another for another', async () => {
    const [one, same, other] = [
      await eventsOf('a', 60),
      await eventsOf('a', 60),
      await eventsOf('b', 60),
    ];
    expect(same).toEqual(one);
    expect(other.map(({ id }) => id)).not.toEqual(one.map(({ id }) => id));
  });

  it('is recorded in order of time, within eighteen months', async () => {
    const events = (await eventsOf('order', 300)).map(decodeComplaintEvent);
    const recorded = events.map(({ metadata }) => metadata.recordedAt);
    expect(recorded).toEqual(recorded.toSorted());
    const end = Date.parse(UNTIL_DAY_DEFAULT) + 86_400_000;
    expect(Date.parse(recorded.at(-1) ?? '')).toBeLessThan(end);
    expect(Date.parse(recorded[0] ?? '')).toBeGreaterThanOrEqual(end - PERIOD_DAYS * 86_400_000);
  });

  it('lives through every kind of event, and some are recorded after they happened', async () => {
    const events = (await eventsOf('kinds', 800)).map(decodeComplaintEvent);
    expect([...new Set(events.map(({ type }) => type))].toSorted()).toEqual([
      'AllegationAdded',
      'ComplaintAcknowledged',
      'ComplaintAssessed',
      'ComplaintAssigned',
      'ComplaintClassified',
      'ComplaintClosed',
      'ComplaintForwarded',
      'ComplaintLodged',
      'ComplaintReopened',
      'ComplaintWithdrawn',
      'ContactRecorded',
      'DecisionAccepted',
      'DecisionCommunicated',
      'DecisionDisputed',
      'FactCorrected',
    ]);
    const late = events.filter(({ metadata }) => happenedAt(metadata) < metadata.recordedAt);
    expect(late.length).toBeGreaterThan(50);
  });

  it('has about the proportions that were measured, and a queue', async () => {
    const complaints = new Map<string, Complaint>();
    for (const event of (await eventsOf('proportions', 1_500)).map(decodeComplaintEvent)) {
      const complaint = evolve(complaints.get(event.stream), event);
      if (complaint) complaints.set(event.stream, complaint);
    }
    const all = [...complaints.values()];
    expect(all).toHaveLength(1_500);
    const share = (of: (complaint: Complaint) => boolean) => all.filter(of).length / all.length;
    expect(Math.abs(share(({ product }) => product === 'Mortgage') - 6_612 / 28_156)).toBeLessThan(
      0.04,
    );
    const disputed = share(({ reply, earlierRounds }) =>
      [reply, ...earlierRounds.map((round) => round.reply)].some((one) => one?.kind === 'disputed'),
    );
    expect(Math.abs(disputed - 4_708 / 28_156)).toBeLessThan(0.04);
    expect(share(({ status }) => status === 'open')).toBeGreaterThan(0.01);
    expect(share(({ status }) => status === 'closed')).toBeGreaterThan(0.8);
  });
});
