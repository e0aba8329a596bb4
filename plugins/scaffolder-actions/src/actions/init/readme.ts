import type { RuntimeSkeleton } from '@wasi-functions/backstage-plugin-wasi-common';
import type { NewFunction } from './functionFiles';

/**
 * Writes the README of a new function repository.
 *
 * @internal
 */
export function readme(fn: NewFunction, skeleton?: RuntimeSkeleton): string {
  return [
    `# ${fn.name}`,
    '',
    ...(fn.description ? [escapeMarkdown(fn.description), ''] : []),
    `A WebAssembly function (${
      fn.language ?? fn.runtime.label
    }) that answers HTTP through \`wasi:http/incoming-handler\`.`,
    '',
    ...files(skeleton),
    ...(skeleton ? develop(fn, skeleton) : []),
    '## Deploy',
    '',
    `The image is \`${fn.registry}/${fn.name}\`, deployed by digest as the WasmModule \`${fn.name}\` in the namespace \`${fn.namespace}\`.`,
    '',
    ...(fn.autoDeploy
      ? [
          'The portal deploys changes of `func.yaml`, and what is pushed to the tag of the image, by itself: see the annotation `wasm.serving.knative.dev/auto-deploy` in `catalog-info.yaml`.',
          '',
        ]
      : []),
  ].join('\n');
}

function files(skeleton: RuntimeSkeleton | undefined): string[] {
  return [
    '| file | what it is |',
    '| --- | --- |',
    ...(skeleton?.files ?? []).map(
      ({ path, purpose }) => `| \`${path}\` | ${purpose} |`,
    ),
    '| `func.yaml` | name, runtime, registry, environment and network permissions |',
    '| `catalog-info.yaml` | the entry in the software catalog |',
    '| `module.wasm` | what a build makes; not kept in git |',
    '',
  ];
}

function develop(
  { runtime }: NewFunction,
  { test, build }: RuntimeSkeleton,
): string[] {
  return [
    '## What you need',
    '',
    ...new Set(runtime.prerequisites.map(({ install }) => `- ${install}`)),
    '',
    ...(test ? ['## Test', '', ...shell([test])] : []),
    ...(build
      ? [
          '## Build',
          '',
          ...shell(build),
          '`.github/workflows/build.yaml` does the same on GitHub, and pushes the module.',
          '',
          '## Run',
          '',
          'With [Wasmtime](https://wasmtime.dev), the engine of the cluster:',
          '',
          ...shell(['wasmtime serve -Scli --env GREETING=Hello module.wasm']),
        ]
      : []),
  ];
}

function shell(commands: string[]): string[] {
  return ['```sh', ...commands, '```', ''];
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|]/g, '\\$&');
}
