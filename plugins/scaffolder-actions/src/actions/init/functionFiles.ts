import { stringify } from 'yaml';
import {
  ANNOTATION_FUNC_YAML,
  ANNOTATION_KUBERNETES_ID,
  ANNOTATION_MODULE,
  type NetworkSpec,
  type Runtime,
} from '@wasi-functions/backstage-plugin-wasi-common';

/** func's specification version that our func.yaml is written against. */
const SPEC_VERSION = '0.36.0';

/**
 * What the form asks for.
 *
 * @internal
 */
export interface NewFunction {
  name: string;
  runtime: Runtime;
  description?: string;
  owner: string;
  /** Registry and prefix, e.g. `localhost:7450/functions`. */
  registry: string;
  namespace: string;
  env: { name: string; value: string }[];
  network?: NetworkSpec;
  /** Where a prebuilt module comes from. */
  source?: string;
  created: Date;
}

/**
 * Composes the files of a new function repository that depend on its name and settings.
 *
 * They are written as data, never by filling a text template, so that no input
 * can add a field of its own.
 *
 * @returns Path in the repository → content.
 * @internal
 */
export function functionFiles(fn: NewFunction): Record<string, string> {
  return {
    'func.yaml': funcYaml(fn),
    'catalog-info.yaml': catalogInfo(fn),
    'README.md': readme(fn),
    '.gitignore': 'node_modules/\n/module.wasm\n',
  };
}

function funcYaml(fn: NewFunction): string {
  return stringify({
    specVersion: SPEC_VERSION,
    name: fn.name,
    runtime: fn.runtime.name,
    registry: fn.registry,
    created: fn.created.toISOString(),
    ...(fn.source && { build: { source: fn.source } }),
    ...(fn.env.length > 0 && { run: { envs: fn.env } }),
    deploy: {
      namespace: fn.namespace,
      ...(fn.network && { network: fn.network }),
      ...(fn.runtime.memoryLimit && {
        options: {
          resources: { limits: { memory: fn.runtime.memoryLimit } },
        },
      }),
    },
  });
}

function catalogInfo(fn: NewFunction): string {
  return stringify({
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: {
      name: fn.name,
      ...(fn.description && { description: fn.description }),
      annotations: {
        [ANNOTATION_MODULE]: `${fn.namespace}/${fn.name}`,
        [ANNOTATION_FUNC_YAML]: './func.yaml',
        [ANNOTATION_KUBERNETES_ID]: fn.name,
      },
      tags: ['wasm', fn.runtime.name],
    },
    spec: {
      type: 'wasm-function',
      lifecycle: 'experimental',
      owner: fn.owner,
    },
  });
}

function readme(fn: NewFunction): string {
  return [
    `# ${fn.name}`,
    '',
    ...(fn.description ? [escapeMarkdown(fn.description), ''] : []),
    `A WebAssembly function (${fn.runtime.label}) that answers HTTP through \`wasi:http/incoming-handler\`.`,
    '',
    '| file | what it is |',
    '| --- | --- |',
    '| `func.yaml` | name, runtime, registry, environment and network permissions |',
    '| `catalog-info.yaml` | the entry in the software catalog |',
    '| `module.wasm` | what a build makes; not kept in git |',
    '',
    ...(fn.runtime.strategy === 'prebuilt'
      ? []
      : [
          '## Build by hand',
          '',
          '`npm test` runs the tests. The commands that build and push the module stand in `.github/workflows/build.yaml`.',
          '',
        ]),
    '## Deploy',
    '',
    `The image is \`${fn.registry}/${fn.name}\`, deployed by digest as the WasmModule \`${fn.name}\` in the namespace \`${fn.namespace}\`.`,
    '',
  ].join('\n');
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|]/g, '\\$&');
}
