import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { createInterface } from 'node:readline';
import type { KubernetesTarget } from './localTarget';

type Connection = Pick<KubernetesTarget, 'server' | 'caCertificate'> & {
  adminToken?: string;
};

/** Objects as tests read them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Answer = any;

/** One request as it goes over the wire, without a client library's opinion. */
export async function call(
  { server, caCertificate, adminToken }: Connection,
  method: string,
  path: string,
  options: {
    body?: unknown;
    contentType?: string;
    accept?: string;
    headers?: Record<string, string>;
  } = {},
): Promise<{ code: number; body: Answer; headers: IncomingHttpHeaders }> {
  const { body } = options;
  const payload =
    body === undefined || typeof body === 'string' || Buffer.isBuffer(body)
      ? body
      : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(
      `${server}${path}`,
      {
        method,
        ca: caCertificate,
        agent: false,
        headers: {
          ...(adminToken && { Authorization: `Bearer ${adminToken}` }),
          ...(payload !== undefined && {
            'Content-Type': options.contentType ?? 'application/json',
            'Content-Length': String(Buffer.byteLength(payload)),
          }),
          Accept: options.accept ?? 'application/json',
          ...options.headers,
        },
      },
      response => {
        const chunks: Buffer[] = [];
        response.on('data', chunk => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({
            code: response.statusCode!,
            headers: response.headers,
            // kube-apiserver names the index of OpenAPI text/plain.
            body:
              /^application\/json/.test(
                response.headers['content-type'] ?? '',
              ) || path === '/openapi/v3'
                ? JSON.parse(text)
                : text,
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(payload);
  });
}

/** Events of one watch, in their order. */
export class WatchedEvents {
  private constructor(
    private readonly lines: AsyncIterator<string>,
    private readonly end: () => void,
  ) {}

  static async open(
    { server, caCertificate, adminToken }: Connection,
    path: string,
    options: { accept?: string } = {},
  ): Promise<WatchedEvents> {
    return new Promise((resolve, reject) => {
      const sent = request(
        `${server}${path}`,
        {
          ca: caCertificate,
          agent: false,
          headers: {
            Authorization: `Bearer ${adminToken}`,
            Accept: options.accept ?? 'application/json',
          },
        },
        response => {
          const lines = createInterface({ input: response });
          resolve(
            new WatchedEvents(lines[Symbol.asyncIterator](), () =>
              sent.destroy(),
            ),
          );
        },
      );
      sent.on('error', reject);
      sent.end();
    });
  }

  /** The next event; undefined once the server has ended the watch. */
  async next(): Promise<Answer> {
    const { done, value } = await this.lines.next();
    return done ? undefined : JSON.parse(value);
  }

  close(): void {
    this.end();
  }
}
