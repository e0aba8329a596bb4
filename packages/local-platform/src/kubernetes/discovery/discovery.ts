import { createHash } from 'node:crypto';
import { reviews } from '../rbac/accessReviews';
import {
  apiVersionOf,
  type ResourceDefinition,
  type Verb,
} from '../resources/ResourceDefinition';
import type { ResourceRegistry } from '../resources/ResourceRegistry';

/** One group version and what it offers. */
export interface GroupVersion {
  group: string;
  version: string;
}

const CUSTOM_ORDER: Verb[] = [
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'create',
  'update',
  'watch',
];
const SUBRESOURCE_VERBS = {
  status: ['get', 'patch', 'update'],
  log: ['get'],
};

/** Every group version of the API, the core group first. */
export function groupVersions(registry: ResourceRegistry): GroupVersion[] {
  const found = new Map<string, GroupVersion>();
  for (const one of [...registry.all, ...reviews]) {
    const { group: name, version } = one;
    found.set(`${name}/${version}`, { group: name, version });
  }
  return [...found.values()];
}

/** `/api` */
export function coreVersions() {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [],
  };
}

/** `/apis` */
export function groupList(registry: ResourceRegistry) {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groupNames(registry).map(name => describeGroup(registry, name)),
  };
}

/** `/apis/<group>`; undefined where there is none. */
export function group(registry: ResourceRegistry, name: string) {
  return groupNames(registry).includes(name)
    ? {
        kind: 'APIGroup',
        apiVersion: 'v1',
        ...describeGroup(registry, name),
      }
    : undefined;
}

/** `/api/v1` and `/apis/<group>/<version>`; undefined where there is none. */
export function resourceList(registry: ResourceRegistry, of: GroupVersion) {
  const definitions = registry.inGroup(of.group, of.version);
  const asked = reviews.filter(
    one => one.group === of.group && one.version === of.version,
  );
  if (definitions.length === 0 && asked.length === 0) {
    return undefined;
  }
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(of),
    resources: [
      ...definitions.flatMap(describeResource),
      ...asked.map(review => ({
        name: review.plural,
        singularName: review.kind.toLowerCase(),
        namespaced: false,
        kind: review.kind,
        verbs: ['create'],
      })),
    ],
  };
}

/** `/api` or `/apis` in one document (`APIGroupDiscoveryList`). */
export function aggregated(registry: ResourceRegistry, root: 'api' | 'apis') {
  const groups = root === 'api' ? [''] : groupNames(registry);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map(name => ({
      metadata: { name, creationTimestamp: null },
      versions: versionsOf(registry, name).map(version => ({
        version,
        freshness: 'Current',
        resources: [
          ...registry.inGroup(name, version).map(aggregatedResource),
          ...reviews
            .filter(one => one.group === name && one.version === version)
            .map(review => ({
              resource: review.plural,
              responseKind: { group: name, version, kind: review.kind },
              scope: 'Cluster',
              singularResource: review.kind.toLowerCase(),
              verbs: ['create'],
            })),
        ],
      })),
    })),
  };
}

function groupNames(registry: ResourceRegistry): string[] {
  const names = groupVersions(registry).map(one => one.group);
  return [...new Set(names)].filter(name => name !== '');
}

function versionsOf(registry: ResourceRegistry, name: string): string[] {
  return groupVersions(registry)
    .filter(one => one.group === name)
    .map(one => one.version);
}

function describeGroup(registry: ResourceRegistry, name: string) {
  const versions = versionsOf(registry, name).map(version => ({
    groupVersion: `${name}/${version}`,
    version,
  }));
  return { name, versions, preferredVersion: versions[0] };
}

function describeResource(definition: ResourceDefinition) {
  const common = {
    singularName: definition.singular,
    namespaced: definition.namespaced,
    kind: definition.kind,
  };
  return [
    {
      name: definition.plural,
      ...common,
      verbs: verbsOf(definition),
      ...(definition.shortNames.length && {
        shortNames: definition.shortNames,
      }),
      ...(definition.categories.length && {
        categories: definition.categories,
      }),
      storageVersionHash: storageVersionHash(definition),
    },
    ...definition.subresources.map(name => ({
      name: `${definition.plural}/${name}`,
      ...common,
      singularName: '',
      verbs: SUBRESOURCE_VERBS[name],
    })),
  ];
}

/** Custom resources name theirs in an order of their own. */
function verbsOf({ custom, verbs }: ResourceDefinition): string[] {
  return custom
    ? [...verbs].sort(
        (one, other) => CUSTOM_ORDER.indexOf(one) - CUSTOM_ORDER.indexOf(other),
      )
    : verbs;
}

function storageVersionHash({
  group: name,
  version,
  kind,
}: ResourceDefinition) {
  return createHash('sha256')
    .update(`${name}/${version}/${kind}`)
    .digest()
    .subarray(0, 8)
    .toString('base64');
}

function aggregatedResource(definition: ResourceDefinition) {
  const { group: name, version, kind } = definition;
  const responseKind = { group: name, version, kind };
  return {
    resource: definition.plural,
    responseKind,
    scope: definition.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: definition.singular,
    verbs: verbsOf(definition),
    ...(definition.shortNames.length && { shortNames: definition.shortNames }),
    ...(definition.categories.length && { categories: definition.categories }),
    ...(definition.subresources.length && {
      subresources: definition.subresources.map(subresource => ({
        subresource,
        responseKind,
        verbs: SUBRESOURCE_VERBS[subresource],
      })),
    }),
  };
}
