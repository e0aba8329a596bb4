import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import { call, type Answer } from '@wasi-functions/local-platform/testing';
import type { KnativeCluster } from './KnativeCluster';
import { serviceOf } from './serviceOf';
import { toldByController } from './toldByController';
import { controllerSource } from './WasmController';

const MERGE = 'application/merge-patch+json';
const SERVICES = '/apis/serving.knative.dev/v1/namespaces';
const MODULES = '/apis/wasm.serving.knative.dev/v1alpha1/namespaces';

/** Modules of one namespace, which the real controller deploys, or the stand-in. */
export class Modules {
  readonly controller = controllerSource ? 'knative-serving-wasm' : 'stand-in';
  /** Where they are; with the stand-in a module is its Service. */
  readonly path: string;
  /** resourceVersion of the last change to the module. */
  changedAt?: string;
  private module!: WasmModule;

  constructor(private readonly cluster: KnativeCluster, namespace: string) {
    this.path = controllerSource
      ? `${MODULES}/${namespace}/wasmmodules`
      : `${SERVICES}/${namespace}/services`;
  }

  /** The API server's answer to the module, or to the stand-in's Service. */
  async create(module: WasmModule): Promise<{ code: number; body: Answer }> {
    this.module = module;
    const answer = await call(this.cluster.api, 'POST', this.path, {
      body: controllerSource ? module : serviceOf(module),
    });
    this.changedAt = answer.body.metadata?.resourceVersion;
    return answer;
  }

  async change(patch: { metadata?: object; spec?: object }): Promise<void> {
    if (!controllerSource) {
      const { metadata, spec } = this.module;
      this.module = {
        ...this.module,
        metadata: { ...metadata, generation: 2 },
        spec: { ...spec, ...patch.spec },
      };
    }
    const changed = await this.cluster.send(
      'PATCH',
      `${this.path}/${this.module.metadata.name}`,
      controllerSource ? patch : { spec: serviceOf(this.module).spec },
      MERGE,
    );
    this.changedAt = changed.metadata.resourceVersion;
  }

  async delete(options: object = {}): Promise<void> {
    await this.cluster.send(
      'DELETE',
      `${this.path}/${this.module.metadata.name}`,
      options,
    );
  }

  /** The module as it is told of now; undefined once it is gone. */
  async look(told: {
    service?: Answer;
    refused?: string;
  }): Promise<WasmModule | undefined> {
    if (!controllerSource) {
      return toldByController({ module: this.module, ...told });
    }
    const { items } = await this.cluster.send('GET', this.path);
    return items.find(
      ({ metadata }: Answer) => metadata.name === this.module.metadata.name,
    );
  }
}
