import { KubeConfig } from '@kubernetes/client-node';
import {
  call,
  type Answer,
  type KubernetesTarget,
} from '@wasi-functions/local-platform/testing';

export type { Answer };

export const GROUP = '/apis/wasm.serving.knative.dev/v1alpha1';
export const APPLY = 'application/apply-patch+yaml';
export const JSON_PATCH = 'application/json-patch+json';
export const MERGE = 'application/merge-patch+json';
export const TABLE =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** One API that claims are checked against, with a new namespace for every test. */
export class Scene {
  target!: KubernetesTarget;
  namespace!: string;
  /** Path of the modules in the namespace. */
  modules!: string;

  async open(start: () => Promise<KubernetesTarget>): Promise<void> {
    this.target = await start();
  }

  async enter(): Promise<void> {
    const { body } = await this.send('POST', '/api/v1/namespaces', {
      body: { metadata: { generateName: 'contract-' } },
    });
    this.namespace = body.metadata.name;
    this.modules = `${GROUP}/namespaces/${this.namespace}/wasmmodules`;
  }

  async close(): Promise<void> {
    await this.target?.close();
  }

  readonly send = (
    method: string,
    path: string,
    options: Parameters<typeof call>[3] = {},
  ) => call(this.target, method, path, options);

  readonly create = async (name: string, spec?: object): Promise<Answer> => {
    const { code, body } = await this.send('POST', this.modules, {
      body: wasmModule(name, spec),
    });
    expect(code).toBe(201);
    return body;
  };

  readonly applyAs = (
    manager: string,
    body: {
      metadata: { name: string; [field: string]: unknown };
      [field: string]: unknown;
    },
    query = '',
  ) =>
    this.send(
      'PATCH',
      `${this.modules}/${body.metadata.name}?fieldManager=${manager}${query}`,
      { body, contentType: APPLY },
    );

  /** A configuration of client-node. */
  readonly client = () => {
    const config = new KubeConfig();
    config.loadFromString(this.target.kubeconfig);
    return config;
  };
}

export function wasmModule(
  name: string,
  spec: object = { image: 'example/one' },
) {
  return {
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: { name },
    spec,
  };
}

/** What each manager owns. */
export function owners(object: Answer) {
  return Object.fromEntries(
    object.metadata.managedFields.map((entry: Answer) => [
      `${entry.manager} ${entry.operation}${
        entry.subresource ? ` ${entry.subresource}` : ''
      }`,
      entry.fieldsV1,
    ]),
  );
}
