import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServedModule } from '@wasi-functions/backstage-plugin-wasi-node';

/**
 * A module's address: stays the same while what answers behind it is replaced.
 *
 * @internal
 */
export class FrontDoor {
  readonly port: number;
  readonly #servers: Server[];
  #module: ServedModule | undefined;

  private constructor(port: number) {
    this.port = port;
    this.#servers = [];
  }

  /** Listens on IPv4 and, where the machine has it, IPv6: browsers try both for `localhost`. */
  static async open(port: number): Promise<FrontDoor> {
    const first = createServer();
    await listen(first, port, '127.0.0.1');
    const door = new FrontDoor((first.address() as AddressInfo).port);
    door.#take(first);
    const second = createServer();
    try {
      await listen(second, door.port, '::1');
      door.#take(second);
    } catch {
      // No IPv6 here, or the port is taken there: 127.0.0.1 is the address that counts.
    }
    return door;
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  get module(): ServedModule | undefined {
    return this.#module;
  }

  /** New requests go to this module; those under way end where they began. */
  lead(module: ServedModule | undefined): void {
    this.#module = module;
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map(
        server =>
          new Promise<void>(resolve => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      ),
    );
  }

  #take(server: Server): void {
    this.#servers.push(server);
    server.on('request', (request, response) => {
      if (!this.#module) {
        response.writeHead(503, {
          'content-type': 'text/plain',
          'retry-after': '1',
        });
        response.end('The module is not ready.\n');
        return;
      }
      this.#module.handle(request, response).catch(() => response.destroy());
    });
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
