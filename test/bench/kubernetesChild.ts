// A Kubernetes API with many modules and no runner; prints where it is, and answers its parent.
import { once } from 'node:events';
import { subscribe } from 'node:diagnostics_channel';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { startKubernetesApi } from '@wasi-functions/local-platform';

/** What the parent may ask for. */
export type Question = { id: number } & (
  | /** How many requests were there since the start? */ { ask: 'requests' }
  | /** Change so many modules. */ { ask: 'change'; modules: number }
);

/** To the question of the same id. */
export interface Answer {
  id: number;
  requests?: number;
}

async function main([
  directory,
  port,
  count,
  first = '0',
  awayMs = '0',
]: string[]): Promise<void> {
  let requests = 0;
  subscribe('http.server.request.start', () => {
    requests += 1;
  });
  const api = await startKubernetesApi({
    directory,
    port: Number(port),
    logSource: { async *read() {} },
  });
  for (let index = 0; index < Number(count); index += 1) {
    const number = Number(first) + index;
    api.store.create('wasmmodules', moduleOf(number));
    setReady(number);
  }
  process.on('message', (question: Question) => {
    if (question.ask === 'requests') {
      process.send!({ id: question.id, requests });
      return;
    }
    for (let index = 0; index < question.modules; index += 1) {
      setReady(Number(first) + index);
    }
    process.send!({ id: question.id });
  });
  console.log(
    JSON.stringify({
      server: Number(awayMs)
        ? await putAway(api.server, Number(awayMs))
        : api.server,
      caCertificate: api.caCertificate,
      tokenPath: api.backstageTokenPath,
    }),
  );

  function setReady(number: number): void {
    const module = api.store.get('wasmmodules', 'default', `module-${number}`)!;
    api.store.update(
      'wasmmodules',
      {
        ...module,
        status: {
          observedGeneration: module.metadata.generation,
          address: { url: `http://module-${number}.default.example.com` },
          conditions: [
            {
              type: 'Ready',
              status: 'True',
              lastTransitionTime: new Date().toISOString(),
            },
          ],
        },
      },
      { subresource: 'status' },
    );
  }
}

/** Another way to a server, which takes so many milliseconds. */
async function putAway(server: string, ms: number): Promise<string> {
  const { hostname, port, protocol } = new URL(server);
  const pass = (from: Socket, to: Socket) => {
    from.on('data', chunk => setTimeout(() => to.write(chunk), ms));
    from.on('close', () => setTimeout(() => to.end(), ms));
    from.on('error', () => {
      // Whoever is at the other end hears of it by `close`.
    });
  };
  const line = createServer({ noDelay: true }, near => {
    const far = connect({ host: hostname, port: Number(port), noDelay: true });
    pass(near, far);
    pass(far, near);
  });
  line.listen(0, hostname);
  await once(line, 'listening');
  return `${protocol}//${hostname}:${(line.address() as AddressInfo).port}`;
}

/** As large as those of users mostly are. */
function moduleOf(number: number) {
  return {
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: {
      name: `module-${number}`,
      namespace: 'default',
      annotations: {
        'backstage.io/entity-ref': `component:default/function-${number}`,
      },
      labels: { 'backstage.io/kubernetes-id': `function-${number}` },
    },
    spec: {
      image: `registry.example/functions/module-${number}@sha256:${number
        .toString(16)
        .padStart(64, '0')}`,
      args: ['--verbose'],
      env: Array.from({ length: 8 }, (_, index) => ({
        name: `SETTING_${index}`,
        value: `value ${index} of function ${number}`,
      })),
      network: {
        allowIpNameLookup: true,
        tcp: { connect: ['db.example.com:5432', 'cache.example.com:6379'] },
      },
      resources: { limits: { memory: '256Mi', cpu: '500m' } },
    },
  };
}

main(process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
