export { isSignInRefused } from './faults.js';
export { MongoReadModels, type MongoReadModelsOptions } from './mongo-read-models.js';
export type { MongoSettings } from './settings.js';
