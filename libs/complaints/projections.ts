import { decodeComplaintEvent } from './complaint/complaint.reader.js';
import { complaintDetails } from './projections/complaint-details.projection.js';
import { complaintRegister } from './projections/complaint-register.projection.js';
import { dailyStatistics } from './projections/daily-statistics.projection.js';

/** Every read model of this context, as a projector takes them. */
export const projections = [
  { projection: complaintRegister, decode: decodeComplaintEvent },
  { projection: complaintDetails, decode: decodeComplaintEvent },
  { projection: dailyStatistics, decode: decodeComplaintEvent },
] as const;
