// A Kubernetes API with many modules and no runner; prints where it is.
import { startKubernetesApi } from '@wasi-functions/local-platform';

async function main([directory, port, count]: string[]): Promise<void> {
  const api = await startKubernetesApi({
    directory,
    port: Number(port),
    logSource: { async *read() {} },
  });
  for (let index = 0; index < Number(count); index += 1) {
    api.store.create('wasmmodules', {
      apiVersion: 'wasm.serving.knative.dev/v1alpha1',
      kind: 'WasmModule',
      metadata: {
        name: `module-${index}`,
        namespace: 'default',
        annotations: {
          'backstage.io/entity-ref': `component:default/function-${index}`,
        },
        labels: { 'backstage.io/kubernetes-id': `function-${index}` },
      },
      spec: { image: `registry.example/functions/module-${index}:1` },
    });
  }
  console.log(
    JSON.stringify({
      server: api.server,
      caCertificate: api.caCertificate,
      tokenPath: api.backstageTokenPath,
    }),
  );
}

main(process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
