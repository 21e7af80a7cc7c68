import { writeFileSync } from 'node:fs';
import { allEventsDocument } from './events-document.generator.js';

// After a build: node dist/apps/contexts/events-document.main.js
writeFileSync('docs/events.md', allEventsDocument());
