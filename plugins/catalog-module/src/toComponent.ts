import {
  ANNOTATION_LOCATION,
  ANNOTATION_ORIGIN_LOCATION,
  stringifyEntityRef,
  type ApiEntity,
  type ComponentEntity,
} from '@backstage/catalog-model';
import {
  ANNOTATION_KUBERNETES_CLUSTER,
  ANNOTATION_KUBERNETES_NAMESPACE,
  ANNOTATION_MODULE,
  type ModuleRef,
  type ObjectMeta,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  ANNOTATION_IMAGE,
  ANNOTATION_LIFECYCLE,
  ANNOTATION_ORPHANED_FROM,
  ANNOTATION_OWNER,
  ANNOTATION_PROVIDES_APIS,
  ANNOTATION_SYSTEM,
  LABEL_PART_OF,
} from './annotations';
import { entityNameOf } from './entityNameOf';
import { readRef } from './readRef';

const LOCATION_TYPE = 'wasm-module';
const TYPE = 'wasm-function';
const LIFECYCLE = 'production';

/** What is read of a module; the rest is its own page's. @internal */
export interface FoundModule {
  ref: ModuleRef;
  metadata: Pick<ObjectMeta, 'labels' | 'annotations' | 'creationTimestamp'>;
  image?: string;
  /** Where it answers. */
  url?: string;
}

/** Entity ref of the Component of a module. @internal */
export function componentRefOf(ref: ModuleRef): string {
  return stringifyEntityRef({
    kind: 'component',
    namespace: 'default',
    name: entityNameOf(ref),
  });
}

/** Where the entities of this package come from; tells them from those of users. @internal */
export function isIngested(annotations?: Record<string, string>): boolean {
  return (
    annotations?.[ANNOTATION_ORIGIN_LOCATION]?.startsWith(
      `${LOCATION_TYPE}:`,
    ) ?? false
  );
}

/**
 * The API of a module: the WIT world of its image.
 *
 * @internal
 */
export function toApi(
  { metadata, spec }: ComponentEntity,
  { image, world }: { image: string; world: string },
): ApiEntity {
  const { name, title, annotations } = metadata;
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'API',
    metadata: {
      name,
      title,
      description: `WIT world of ${image}`,
      annotations: {
        [ANNOTATION_LOCATION]: annotations![ANNOTATION_LOCATION],
        [ANNOTATION_ORIGIN_LOCATION]: annotations![ANNOTATION_ORIGIN_LOCATION],
        [ANNOTATION_IMAGE]: image,
      },
    },
    spec: {
      type: 'wit',
      lifecycle: spec.lifecycle,
      owner: spec.owner,
      ...(spec.system && { system: spec.system }),
      definition: world,
    },
  };
}

/**
 * The Component of a module.
 *
 * What its annotations say wrongly is left out: one module must not fail the others.
 *
 * @param options - `orphanedFrom`: the entity that the module names, which is gone.
 * `hasApi`: there is an API of its name as well.
 * @internal
 */
export function toComponent(
  module: FoundModule,
  options: { owner: string; orphanedFrom?: string; hasApi?: boolean },
): ComponentEntity {
  const { ref, url } = module;
  const { annotations = {}, labels = {} } = module.metadata;
  const location = `${LOCATION_TYPE}:${ref.cluster}/${ref.namespace}/${ref.name}`;
  const system = readRef(
    annotations[ANNOTATION_SYSTEM] ?? labels[LABEL_PART_OF],
    'system',
  );
  const apis = [
    ...(options.hasApi ? [`api:default/${entityNameOf(ref)}`] : []),
    ...refsIn(annotations[ANNOTATION_PROVIDES_APIS], 'api'),
  ];
  const lifecycle = annotations[ANNOTATION_LIFECYCLE]?.trim().slice(0, 63);
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: {
      name: entityNameOf(ref),
      title: ref.name,
      description: `WasmModule ${ref.namespace}/${ref.name} on cluster "${ref.cluster}"`,
      annotations: {
        [ANNOTATION_LOCATION]: location,
        [ANNOTATION_ORIGIN_LOCATION]: location,
        // The cluster has its own annotation, which takes names that this one does not.
        [ANNOTATION_MODULE]: `${ref.namespace}/${ref.name}`,
        [ANNOTATION_KUBERNETES_CLUSTER]: ref.cluster,
        [ANNOTATION_KUBERNETES_NAMESPACE]: ref.namespace,
        ...(options.orphanedFrom && {
          [ANNOTATION_ORPHANED_FROM]: options.orphanedFrom,
        }),
      },
      ...(isWebAddress(url) && {
        links: [{ url, title: 'Live', icon: 'web' }],
      }),
    },
    spec: {
      type: TYPE,
      lifecycle: lifecycle || LIFECYCLE,
      owner: readRef(ownerIn(module), 'group') ?? options.owner,
      ...(system && { system }),
      ...(apis.length > 0 && { providesApis: apis }),
    },
  };
}

function ownerIn({ metadata }: FoundModule): string | undefined {
  return (
    metadata.annotations?.[ANNOTATION_OWNER] ??
    metadata.labels?.[ANNOTATION_OWNER]
  );
}

function refsIn(text: string | undefined, defaultKind: string): string[] {
  return (text ?? '')
    .split(',')
    .flatMap(part => readRef(part, defaultKind) ?? []);
}

function isWebAddress(url: string | undefined): url is string {
  return (
    url !== undefined &&
    URL.canParse(url) &&
    ['http:', 'https:'].includes(new URL(url).protocol)
  );
}
