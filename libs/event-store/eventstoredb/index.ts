export { AddressInvalid } from './address.js';
export { isSignInRefused } from './driver-errors.js';
export * from './eventstoredb-event-store.js';
