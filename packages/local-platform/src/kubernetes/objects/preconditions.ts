import type { KubernetesObject } from '../ObjectStore';
import {
  resourceName,
  type ResourceDefinition,
} from '../resources/ResourceDefinition';
import type { ObjectMeta } from '@wasi-functions/backstage-plugin-wasi-common';
import { invalidValue } from '../schema/invalidValue';
import type { JsonObject } from '../schema/Schema';
import {
  conflict,
  invalid,
  modifiedConflict,
  plainError,
} from '../status/refusals';

const FIXED = ['uid', 'deletionTimestamp', 'deletionGracePeriodSeconds'];

/** What must be true of an object that is to be written or deleted. */
export interface Preconditions {
  uid?: string;
  resourceVersion?: string;
}

/**
 * @throws KubernetesStatusError 409 for another object of that name, or another version of it;
 * 500 for what is no version.
 */
export function requireSame(
  definition: ResourceDefinition,
  current: KubernetesObject,
  sent: Preconditions,
): void {
  const name = resourceName(definition);
  if (sent.uid && sent.uid !== current.metadata.uid) {
    const path = [
      '/registry',
      definition.group,
      definition.plural,
      current.metadata.namespace,
      current.metadata.name,
    ];
    throw conflict(
      name,
      current.metadata.name,
      `StorageError: invalid object, Code: 4, Key: ${path
        .filter(Boolean)
        .join(
          '/',
        )}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${
        sent.uid
      }, UID in object meta: ${current.metadata.uid}`,
    );
  }
  requireVersion(sent.resourceVersion);
  if (
    sent.resourceVersion &&
    sent.resourceVersion !== current.metadata.resourceVersion
  ) {
    throw modifiedConflict(name, current.metadata.name);
  }
}

/** @throws KubernetesStatusError 500 */
export function requireVersion(version: string | undefined): void {
  if (version && !/^\d+$/.test(version)) {
    throw plainError(
      `strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`,
    );
  }
}

/**
 * What may not be changed, not even by whoever may change the rest.
 *
 * @throws KubernetesStatusError 422
 */
export function requireFixed(
  definition: ResourceDefinition,
  current: KubernetesObject,
  sent: ObjectMeta,
): void {
  const wanted = sent as unknown as JsonObject;
  const kept = current.metadata as unknown as JsonObject;
  const changed = FIXED.filter(
    name => wanted[name] !== undefined && wanted[name] !== kept[name],
  );
  if (changed.length > 0) {
    throw invalid(
      definition,
      current.metadata.name,
      // Two parties of kube-apiserver look at it.
      [...changed, ...changed].map(name =>
        invalidValue(`metadata.${name}`, wanted[name], 'field is immutable'),
      ),
    );
  }
}

/** As {@link requireSame}, in the words for a deletion. */
export function requirePreconditions(
  definition: ResourceDefinition,
  current: KubernetesObject,
  wanted: Preconditions,
): void {
  const { name, uid, resourceVersion } = current.metadata;
  // Here, and only here, the kind is named in place of the resource.
  const on = { group: definition.group, resource: definition.kind };
  if (wanted.uid && wanted.uid !== uid) {
    throw conflict(
      on,
      name,
      `the UID in the precondition (${wanted.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  }
  if (wanted.resourceVersion && wanted.resourceVersion !== resourceVersion) {
    throw conflict(
      on,
      name,
      `the ResourceVersion in the precondition (${wanted.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
  }
}

/** @throws KubernetesStatusError 422 */
export function requireNoNewFinalizers(
  definition: ResourceDefinition,
  object: KubernetesObject,
  current: KubernetesObject,
): void {
  const before = current.metadata.finalizers ?? [];
  const added = (object.metadata.finalizers ?? []).filter(
    finalizer => !before.includes(finalizer),
  );
  if (current.metadata.deletionTimestamp && added.length > 0) {
    throw invalid(definition, object.metadata.name, [
      {
        reason: 'FieldValueForbidden',
        field: 'metadata.finalizers',
        message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(
          added,
        )}`,
      },
    ]);
  }
}
