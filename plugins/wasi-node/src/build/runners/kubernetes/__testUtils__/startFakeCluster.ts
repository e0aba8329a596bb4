import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import { TOOLCHAINS } from '../../../../__testUtils__/jco';

type Json = Record<string, any>;

/** A request that changed something, or ran a command. */
export interface ClusterRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  body?: Json;
}

/**
 * Enough of a cluster for a job: its API over HTTP, and a kubelet that runs
 * commands in a root of their own, where the build's folder is another one than ours.
 */
export interface FakeCluster {
  url: string;
  requests: ClusterRequest[];
  jobs: Map<string, Json>;
  secrets: Map<string, Json>;
  /** Commands that run in pods now. */
  running: Set<ChildProcess>;
  close(): Promise<void>;
}

export async function startFakeCluster(
  options: {
    /** What the line is spoken in; clusters before 1.30 have no `v5`. */
    protocol?: string;
    /** Status of the pod of a job; by default it runs. */
    podStatus?: (asked: number) => Json | undefined;
    events?: Json[];
    /** Answers in place of ours. */
    answer?: (
      request: ClusterRequest,
    ) => { status: number; body: Json } | undefined;
    /** Stands in for a command that a pod is to run. */
    exec?: (command: string[], socket: WebSocket) => boolean;
  } = {},
): Promise<FakeCluster> {
  const { protocol = 'v5.channel.k8s.io' } = options;
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'fake-cluster-')));
  const jobs = new Map<string, Json>();
  const secrets = new Map<string, Json>();
  const running = new Set<ChildProcess>();
  const requests: ClusterRequest[] = [];
  let asked = 0;

  const podOf = (job: Json) => ({
    metadata: { name: `${job.metadata.name}-pod` },
    status:
      options.podStatus?.(asked++) ??
      ({
        phase: 'Running',
        containerStatuses: [{ state: { running: {} } }],
      } as Json),
  });

  function answerTo({ method, path, query, body }: ClusterRequest): {
    status: number;
    body: Json;
  } {
    const collection = path.split('/').pop()!;
    if (method === 'POST' && collection === 'jobs') {
      jobs.set(body!.metadata.name, body!);
      return {
        status: 201,
        body: { ...body, metadata: { ...body!.metadata, uid: 'job-uid' } },
      };
    }
    if (method === 'POST' && collection === 'secrets') {
      secrets.set(body!.metadata.name, body!);
      return { status: 201, body: body! };
    }
    if (method === 'GET' && collection === 'pods') {
      const [label, value] = query.get('labelSelector')!.split('=');
      const items = [...jobs.values()]
        .filter(job => job.spec.template.metadata.labels[label] === value)
        .filter(() => !options.events)
        .map(podOf);
      return { status: 200, body: { items } };
    }
    if (method === 'GET' && collection === 'events') {
      return { status: 200, body: { items: options.events ?? [] } };
    }
    if (method === 'DELETE' && jobs.delete(collection)) {
      running.forEach(child => child.kill('SIGKILL'));
      return { status: 200, body: {} };
    }
    return { status: 404, body: { message: `${path} not found` } };
  }

  const server = createServer(async (incoming, response) => {
    const url = new URL(incoming.url!, 'http://localhost');
    let text = '';
    for await (const chunk of incoming) {
      text += chunk;
    }
    const request: ClusterRequest = {
      method: incoming.method!,
      path: url.pathname,
      query: url.searchParams,
      body: text ? JSON.parse(text) : undefined,
    };
    requests.push(request);
    const { status, body } = options.answer?.(request) ?? answerTo(request);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });

  const sockets = new WebSocketServer({
    server,
    handleProtocols: offered => offered.has(protocol) && protocol,
  });
  sockets.on('connection', (socket, incoming) => {
    const url = new URL(incoming.url!, 'http://localhost');
    const command = url.searchParams.getAll('command');
    requests.push({
      method: 'EXEC',
      path: url.pathname,
      query: url.searchParams,
    });
    if (options.exec?.(command, socket)) {
      return;
    }
    const [job] = jobs.values();
    void runInPod(job, command, socket);
  });

  async function runInPod(job: Json, command: string[], socket: WebSocket) {
    const { containers } = job.spec.template.spec;
    const [{ mountPath }] = containers[0].volumeMounts;
    const secret = secrets.get(containers[0].envFrom?.[0].secretRef.name);
    const child = spawn(
      'bwrap',
      [
        ...[
          '--unshare-user',
          '--uid',
          '10001',
          '--unshare-pid',
          '--die-with-parent',
        ],
        ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'],
        ...['--tmpfs', '/tmp', '--tmpfs', '/opt'],
        ...['--ro-bind-try', join(TOOLCHAINS, 'jco'), '/opt/wasi/jco'],
        ...['--bind', join(folder, 'emptyDir'), mountPath, '--', ...command],
      ],
      {
        env: {
          PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
          ...secret?.stringData,
        },
      },
    );
    running.add(child);
    const send = (channel: number, data: Buffer) =>
      socket.send(Buffer.concat([Buffer.of(channel), data]));
    child.stdout.on('data', data => send(1, data));
    child.stderr.on('data', data => send(2, data));
    child.stdin.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      if (data[0] === 0) {
        child.stdin.write(data.subarray(1));
      }
    });
    const [code, signal] = await once(child, 'close');
    running.delete(child);
    if (signal) {
      socket.terminate();
      return;
    }
    send(
      3,
      Buffer.from(
        JSON.stringify(
          code === 0
            ? { status: 'Success' }
            : {
                status: 'Failure',
                reason: 'NonZeroExitCode',
                details: {
                  causes: [{ reason: 'ExitCode', message: String(code) }],
                },
              },
        ),
      ),
    );
  }

  await mkdir(join(folder, 'emptyDir'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    jobs,
    secrets,
    running,
    async close() {
      running.forEach(child => child.kill('SIGKILL'));
      sockets.clients.forEach(socket => socket.terminate());
      sockets.close();
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
