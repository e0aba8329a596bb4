import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSameJson } from '../schema/isSameJson';
import { parse } from 'yaml';
import type { KubernetesObject } from '../ObjectStore';
import { customResourceDefinitions } from '../resources/customResourceDefinitions';
import { namespaces } from '../resources/namespaces';
import type { ResourceDefinition } from '../resources/ResourceDefinition';
import { packageDirectory } from './packageDirectory';
import { serviceAccounts } from '../resources/serviceAccounts';
import { keyOf, type ResourceObjects } from './ResourceObjects';

const WRITE_OPTIONS = {
  manager: { name: 'wasi-local-platform', operation: 'Update' },
  dryRun: false,
} as const;

/** Writes what a cluster has from the start, where it is absent or of an older release. */
export function seedObjects(objects: ResourceObjects): void {
  for (const name of ['default', 'kube-system']) {
    ensure(objects, namespaces, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    });
  }
  for (const name of ['default', 'backstage']) {
    ensure(objects, serviceAccounts, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name, namespace: 'default' },
    });
  }
  ensureDefinition(objects);
}

function ensure(
  objects: ResourceObjects,
  definition: ResourceDefinition,
  object: KubernetesObject,
): void {
  const { namespace = '', name } = object.metadata;
  if (!objects.versioned.get(keyOf(definition, namespace, name))) {
    objects.create(definition, object, WRITE_OPTIONS);
  }
}

function ensureDefinition(objects: ResourceObjects): void {
  const path = join(packageDirectory(), 'crds', '300-wasmmodule.yaml');
  const shipped = parse(readFileSync(path, 'utf8')) as KubernetesObject & {
    spec: object;
  };
  ensure(objects, customResourceDefinitions, shipped);
  const current = objects.get(
    customResourceDefinitions,
    '',
    shipped.metadata.name,
  ) as typeof shipped;
  const spec = { ...current.spec, ...shipped.spec };
  const names = { ...(current.spec as { names: object }).names };
  const next = { ...current, spec: { ...spec, names } };
  if (!isSameJson(next, current)) {
    objects.update(customResourceDefinitions, next, WRITE_OPTIONS);
  }
}
