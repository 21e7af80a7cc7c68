export { VirtualTime } from './virtual-time.js';
