// Lets a child process run TypeScript sources as Jest does, with no build: `node --import <this>`.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
