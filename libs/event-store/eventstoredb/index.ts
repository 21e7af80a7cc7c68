export { AddressInvalid } from './address.js';
export * from './eventstoredb-event-store.js';
