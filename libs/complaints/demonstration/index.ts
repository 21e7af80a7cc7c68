export {
  COMPLAINTS_MAX,
  demonstrate,
  PERIOD_DAYS,
  UNTIL_DAY_DEFAULT,
  type Demonstrated,
  type DemonstrationOptions,
} from './demonstration.js';
export { SeededRandomness } from './dice.js';
