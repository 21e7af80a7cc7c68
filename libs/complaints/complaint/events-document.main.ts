import { writeFileSync } from 'node:fs';
import { eventsDocument } from './events-document.generator.js';

// After a build: node dist/libs/complaints/complaint/events-document.main.js
writeFileSync('docs/events.md', eventsDocument());
