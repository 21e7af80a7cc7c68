import { ConfigurationInvalid, type Configuration, type Servers } from '#wiring';

/** For processes of which there may be many: embedded stores take one. @throws ConfigurationInvalid */
export function serversFor(name: string, { servers }: Configuration): Servers {
  if (servers) return servers;
  throw new ConfigurationInvalid(
    'REDRESS_STORES',
    `must be "servers" for the ${name}; with embedded stores, \`redress serve\` is all of it`,
  );
}
