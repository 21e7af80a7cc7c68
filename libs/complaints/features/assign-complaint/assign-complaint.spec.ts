import { describe, it } from '@jest/globals';
import { CLOSED, given, lodged } from '#testing/complaints';
import { assignComplaint } from './assign-complaint.decide.js';

describe('assign-complaint', () => {
  const toTeam = { type: 'ComplaintAssigned', data: { team: 'mortgages' } } as const;

  it('records assignee, team, or both', () => {
    given(lodged()).when(assignComplaint, { team: 'mortgages' }).then(toTeam);
    given(lodged(), toTeam)
      .when(assignComplaint, { assignee: 'handler-7', team: 'mortgages' })
      .then({ type: 'ComplaintAssigned', data: { assignee: 'handler-7', team: 'mortgages' } });
  });

  it('records the same assignment once', () => {
    given(lodged(), toTeam).when(assignComplaint, { team: 'mortgages' }).thenNothing();
  });

  it('refuses an assignment to nobody', () => {
    given(lodged()).when(assignComplaint, {}).thenRefused('assignment.empty');
  });

  it('refuses it once the complaint is closed', () => {
    given(lodged(), CLOSED).when(assignComplaint, { team: 'b' }).thenRefused('complaint.closed');
  });
});
