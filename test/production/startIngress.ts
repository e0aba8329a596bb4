import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { loadCertificates } from '../../packages/local-platform/src/kubernetes/certificates/loadCertificates';

/** An ingress: ends TLS in front of a port of this machine. */
export interface Ingress {
  /** `https://localhost:port`. */
  url: string;
  /** Of the authority that its clients trust, PEM. */
  caCertificate: string;
  close(): Promise<void>;
}

/** Starts it; who calls before there is a backend gets a 502, as from any ingress. */
export async function startIngress(
  directory: string,
  backendPort: number,
): Promise<Ingress> {
  const { ca, certificate, key } = await loadCertificates(directory, {
    hosts: ['localhost', '127.0.0.1'],
    now: new Date(),
  });
  const server = createServer(
    { cert: certificate, key },
    (incoming, answer) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port: backendPort,
          method: incoming.method,
          path: incoming.url,
          headers: { ...incoming.headers, 'x-forwarded-proto': 'https' },
        },
        response => {
          answer.writeHead(response.statusCode!, response.headers);
          response.pipe(answer);
        },
      );
      outgoing.on('error', () => {
        if (answer.headersSent) {
          answer.destroy();
        } else {
          answer.writeHead(502).end();
        }
      });
      answer.on('close', () => outgoing.destroy());
      incoming.pipe(outgoing);
    },
  );
  server.on('upgrade', (incoming, socket, head) => {
    const backend = connect(backendPort, '127.0.0.1', () => {
      const headers = incoming.rawHeaders.map((text, index) =>
        index % 2 === 0 ? `${text}: ` : `${text}\r\n`,
      );
      backend.write(
        `${incoming.method} ${incoming.url} HTTP/1.1\r\n${headers.join(
          '',
        )}\r\n`,
      );
      backend.write(head);
      socket.pipe(backend).pipe(socket);
    });
    backend.on('error', () => socket.destroy());
    socket.on('error', () => backend.destroy());
    socket.on('close', () => backend.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    caCertificate: ca,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
