import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { connect, type LookupFunction, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { hostReach, type AddressReach } from '../../../network/addressReach';
import { guardLookup, RefusedAddressError } from '../../../network/guardLookup';
import { hostAndPort } from '../../../network/hostAndPort';

const CONNECT_TIMEOUT_MS = 30_000;
const MAX_CONNECTIONS = 256;
/** Told once each, and no more: a build may ask for a million. */
const MAX_TOLD = 20;

/**
 * The only way of a sandboxed build to the network: a proxy behind a Unix
 * socket that connects to the hosts it was given and to no other.
 *
 * @internal
 */
export interface BuildProxy {
  socket: string;
  close(): Promise<void>;
}

/**
 * Opens the proxy of one build.
 *
 * @param options - `allowedHosts`: `host` for port 443, or `host:port`. `upstream`:
 * proxy that leads out, where there is no other way; names are resolved by it then.
 * `refuse`: reaches that no allowed name may have.
 * @internal
 */
export async function openProxy(options: {
  allowedHosts: readonly string[];
  refuse: readonly AddressReach[];
  upstream?: string;
  lookup?: LookupFunction;
  log: (line: string) => void;
}): Promise<BuildProxy> {
  const { refuse, upstream, log } = options;
  const allowed = new Set(
    options.allowedHosts.map(text => {
      const parsed = hostAndPort(text, 443);
      return parsed && `${parsed.host}:${parsed.port}`;
    }),
  );
  const told = new Set<string>();
  const tell = (target: string, why: string) => {
    const line = `No connection to ${target}: ${why}.`;
    if (!told.has(line) && told.size < MAX_TOLD) {
      told.add(line);
      log(line);
    }
  };
  const lookup = options.lookup ?? guardLookup({ refuse });
  const sockets = new Set<Duplex>();
  const track = (socket: Duplex) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // Whoever hangs up: the other end hears it by `close`.
    socket.on('error', () => undefined);
  };

  const server = createServer((incoming, answer) => {
    tell(shorten(incoming.url ?? ''), 'builds have https alone');
    answer.writeHead(403, { connection: 'close' }).end('https only\n');
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('connect', (incoming, client, head) => {
    track(client);
    const refuseWith = (status: string) =>
      client.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`);
    const asked = incoming.url ?? '';
    const target = hostAndPort(asked);
    const name = target && `${target.host}:${target.port}`;
    if (!target || !allowed.has(name)) {
      tell(
        shorten(name ?? asked),
        'wasi.build.allowedHosts does not list this host',
      );
      refuseWith('403 Forbidden');
      return;
    }
    const reach = hostReach(target.host);
    if (reach && refuse.includes(reach)) {
      tell(shorten(asked), 'it is an address that builds may not reach');
      refuseWith('403 Forbidden');
      return;
    }
    let done = false;
    const timer = setTimeout(
      () => give(new Error('it took too long')),
      CONNECT_TIMEOUT_MS,
    );
    function give(outcome: Socket | Error) {
      if (done) {
        return;
      }
      done = true;
      clearTimeout(timer);
      if (outcome instanceof Error) {
        const refused = outcome instanceof RefusedAddressError;
        tell(
          asked,
          refused
            ? outcome.message
            : (outcome as NodeJS.ErrnoException).code ?? outcome.message,
        );
        refuseWith(refused ? '403 Forbidden' : '502 Bad Gateway');
        return;
      }
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      outcome.write(head);
      outcome.pipe(client).once('close', () => outcome.destroy());
      client.pipe(outcome).once('close', () => client.destroy());
    }
    if (upstream) {
      connectThrough(upstream, `${target.host}:${target.port}`, track, give);
    } else {
      const outgoing = connect({ ...target, lookup });
      track(outgoing);
      outgoing.once('connect', () => give(outgoing));
      outgoing.once('error', give);
    }
  });

  const folder = await mkdtemp(join(tmpdir(), 'wasi-proxy-'));
  const socket = join(folder, 'proxy.sock');
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  return {
    socket,
    async close() {
      sockets.forEach(open => open.destroy());
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** By the proxy of the operator's network, of which the build learns nothing. */
function connectThrough(
  upstream: string,
  target: string,
  track: (socket: Duplex) => void,
  give: (outcome: Socket | Error) => void,
): void {
  const url = new URL(upstream);
  const asking = request({
    method: 'CONNECT',
    host: url.hostname,
    port: url.port || (url.protocol === 'https:' ? 443 : 80),
    path: target,
    headers: {
      host: target,
      ...(url.username && {
        'proxy-authorization': `Basic ${Buffer.from(
          `${decodeURIComponent(url.username)}:${decodeURIComponent(
            url.password,
          )}`,
        ).toString('base64')}`,
      }),
    },
    ...(url.protocol === 'https:' && {
      createConnection: () =>
        connectTls({
          host: url.hostname,
          port: Number(url.port || 443),
          servername: url.hostname,
        }),
    }),
  });
  asking.once('connect', (response, socket) => {
    track(socket);
    if (response.statusCode === 200) {
      give(socket);
    } else {
      socket.destroy();
      give(new Error(`the proxy answered ${response.statusCode}`));
    }
  });
  asking.once('error', give);
  asking.end();
}

function shorten(text: string): string {
  const clean = text.replace(/[^\x21-\x7e]/g, '?');
  return clean.length > 120 ? `${clean.slice(0, 120)}…` : clean;
}
