import { stringify } from 'yaml';
import {
  ANNOTATION_AUTO_DEPLOY,
  ANNOTATION_FUNC_YAML,
  ANNOTATION_KUBERNETES_ID,
  ANNOTATION_MODULE,
  buildWorkflow,
  WasiError,
  type NetworkSpec,
  type Runtime,
  type RuntimeSkeleton,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { readme } from './readme';

/** func's specification version that our func.yaml is written against. */
const SPEC_VERSION = '0.36.0';

const WORKFLOW = '.github/workflows/build.yaml';
const WORKFLOW_COMMENT = `# Tests, builds and pushes the module, tagged with the commit.
# Needs the secrets REGISTRY_USERNAME and REGISTRY_PASSWORD.
`;

/**
 * What the form asks for.
 *
 * @internal
 */
export interface NewFunction {
  name: string;
  runtime: Runtime;
  /** Where the runtime has several. Default: the runtime's first. */
  language?: string;
  description?: string;
  owner: string;
  /** Registry and prefix, e.g. `localhost:7450/functions`. */
  registry: string;
  namespace: string;
  env: { name: string; value: string }[];
  network?: NetworkSpec;
  /** The portal deploys what changes in the repository. */
  autoDeploy?: boolean;
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
 * @param has - Tells whether the skeleton holds a file.
 * @returns Path in the repository → content.
 * @internal
 */
export function functionFiles(
  fn: NewFunction,
  has: (path: string) => boolean,
): Record<string, string> {
  const ours = skeletonOf(fn);
  // A skeleton of someone else's is not what the runtime's record tells of.
  const skeleton = ours && has(ours.files[0].path) ? ours : undefined;
  const workflow =
    skeleton && !has(WORKFLOW) ? buildWorkflow(skeleton) : undefined;
  return {
    'func.yaml': funcYaml(fn),
    'catalog-info.yaml': catalogInfo(fn),
    'README.md': readme(fn, skeleton),
    '.gitignore': [
      ...['node_modules/', '/module.wasm', ...(skeleton?.ignored ?? [])],
      '',
    ].join('\n'),
    ...(workflow && {
      [WORKFLOW]: WORKFLOW_COMMENT + stringify(workflow),
    }),
  };
}

function skeletonOf({
  runtime,
  language,
}: NewFunction): RuntimeSkeleton | undefined {
  if (language === undefined || language === runtime.language) {
    return runtime.skeleton;
  }
  const variant = runtime.variants?.find(each => each.language === language);
  if (!variant) {
    throw new WasiError('RUNTIME_UNKNOWN', {
      message: `There is no ${runtime.name} in '${language}'.`,
      remedy: `Choose one of ${[
        runtime.language,
        ...(runtime.variants ?? []).map(each => each.language),
      ].join(', ')}.`,
    });
  }
  return variant.skeleton;
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
        ...(fn.autoDeploy && { [ANNOTATION_AUTO_DEPLOY]: 'true' }),
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
