export { READ_MODELS_FILE, SqliteReadModels } from './sqlite-read-models.js';
