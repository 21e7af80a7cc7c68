import { setTimeout as pause } from 'node:timers/promises';
import type { TcpProxy } from '../servers/tcp-proxy.js';
import type { PlannedFault } from './servers-plan.js';

/** How long a fault that swallows waits for something to swallow. */
const SWALLOW_WAIT_MAX_MS = 400;
/** More than acknowledgements and pings of the protocols have: some answer or request is in it. */
const SWALLOWED_BYTES = 64;

/** Lets the fault come and pass again; resolves at its end. */
export async function strike(proxy: TcpProxy, fault: PlannedFault<string>): Promise<void> {
  const { kind, holdMs, delayMs } = fault;
  switch (kind) {
    case 'cut':
      proxy.cutAll();
      break;
    case 'reset':
      proxy.resetAll();
      break;
    case 'cut-after-commit':
    case 'reset-after-commit':
      proxy.blackhole('to-client');
      await proxy.swallows('to-client', SWALLOWED_BYTES, SWALLOW_WAIT_MAX_MS);
      if (kind === 'cut-after-commit') proxy.cutAll();
      else proxy.resetAll();
      break;
    case 'cut-before-arrival':
      proxy.blackhole('to-server');
      await proxy.swallows('to-server', SWALLOWED_BYTES, SWALLOW_WAIT_MAX_MS);
      proxy.cutAll();
      break;
    case 'freeze':
      proxy.blackhole('to-client');
      proxy.blackhole('to-server');
      await pause(holdMs);
      break;
    case 'outage':
      proxy.refuse();
      proxy.resetAll();
      await pause(holdMs);
      break;
    case 'delay':
    case 'delay-then-cut':
      proxy.delay('to-server', delayMs);
      proxy.delay('to-client', delayMs);
      await pause(holdMs);
      if (kind === 'delay-then-cut') proxy.cutAll();
      break;
  }
  proxy.heal();
}
