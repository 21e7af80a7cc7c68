import { describe, it } from '@jest/globals';
import { ASSESSMENT, given, lodged, WITHDRAWN } from '#testing/complaints';
import { assessComplaint } from './assess-complaint.decide.js';

describe('assess-complaint', () => {
  it('records the five criteria and the priority', () => {
    given(lodged())
      .when(assessComplaint, ASSESSMENT)
      .then({ type: 'ComplaintAssessed', data: ASSESSMENT });
  });

  it('refuses a second assessment, even the same', () => {
    given(lodged(), { type: 'ComplaintAssessed', data: ASSESSMENT })
      .when(assessComplaint, ASSESSMENT)
      .thenRefused('complaint.already-assessed');
  });

  it('refuses an assessment without one of the five criteria', () => {
    const { safety: _safety, ...four } = ASSESSMENT.criteria;
    given(lodged())
      .when(assessComplaint, { ...ASSESSMENT, criteria: four as typeof ASSESSMENT.criteria })
      .thenRefused('field.missing');
  });

  it('refuses it once the complaint was withdrawn', () => {
    given(lodged(), WITHDRAWN).when(assessComplaint, ASSESSMENT).thenRefused('complaint.withdrawn');
  });
});
