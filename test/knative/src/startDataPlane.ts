import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface DataPlane {
  /** To be used as HTTP proxy. */
  url: string;
  close(): Promise<void>;
}

/**
 * What the autoscaler asks over HTTP: the activator, whether it stands in for a module,
 * and each pod, how many requests it has.
 */
export async function startDataPlane(): Promise<DataPlane> {
  const server = createServer((request, response) => {
    if (request.headers['k-network-probe']) {
      response.end('activator');
    } else {
      // A message of protobuf of which no field is set: no request.
      response.setHeader('Content-Type', 'application/protobuf');
      response.end();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
