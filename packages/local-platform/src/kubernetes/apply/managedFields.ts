import { isSameJson } from '../schema/isSameJson';
import type { ManagedFieldsEntry } from '@wasi-functions/backstage-plugin-wasi-common';
import type { KubernetesObject } from '../ObjectStore';
import { isObject, type Json, type JsonObject } from '../schema/Schema';
import { FieldSet } from './FieldSet';

/** A manager and the fields it owns. */
export interface Manager {
  name: string;
  operation: 'Apply' | 'Update';
  subresource?: string;
  apiVersion: string;
  time: string;
  fields: FieldSet;
}

/** Which manager a write is made by. */
export type ManagerKey = Pick<Manager, 'name' | 'operation' | 'subresource'>;

/** `managedFields` keeps this many managers that update; the oldest are thrown together. */
const MAXIMUM_UPDATERS = 10;
const ANCIENT = 'ancient-changes';

export function readManagers(
  entries: ManagedFieldsEntry[] | undefined,
): Manager[] {
  // A client may send anything here; what is no entry counts as none.
  const list: unknown[] = Array.isArray(entries) ? entries : [];
  return list.filter(isEntry).flatMap(entry =>
    entry.operation === 'Apply' || entry.operation === 'Update'
      ? [
          {
            name: entry.manager ?? '',
            operation: entry.operation,
            ...(entry.subresource && { subresource: entry.subresource }),
            apiVersion: entry.apiVersion ?? '',
            time: entry.time ?? '',
            fields: FieldSet.parse(entry.fieldsV1 as Json | undefined),
          },
        ]
      : [],
  );
}

function isEntry(entry: unknown): entry is ManagedFieldsEntry {
  return (
    isObject(entry) &&
    ['manager', 'apiVersion', 'time', 'subresource'].every(
      name => entry[name] === undefined || typeof entry[name] === 'string',
    )
  );
}

export function writeManagers(managers: Manager[]): ManagedFieldsEntry[] {
  return limitUpdaters(managers)
    .sort(byOperationAndTime)
    .map(manager => ({
      manager: manager.name,
      operation: manager.operation,
      apiVersion: manager.apiVersion,
      time: manager.time,
      fieldsType: 'FieldsV1',
      fieldsV1: manager.fields.toFieldsV1(),
      ...(manager.subresource && { subresource: manager.subresource }),
    }));
}

export function isManager(manager: Manager, key: ManagerKey): boolean {
  return (
    manager.name === key.name &&
    manager.operation === key.operation &&
    manager.subresource === key.subresource
  );
}

/** Every object has it, so setting it owns nothing. */
const METADATA_ITSELF = FieldSet.of([['f:metadata']]);

/** Replaces the fields of one manager; keeps its time where they are the same. */
export function withFields(
  managers: Manager[],
  key: ManagerKey,
  fields: FieldSet,
  options: { apiVersion: string; now: string },
): Manager[] {
  const others = managers.filter(manager => !isManager(manager, key));
  const current = managers.find(manager => isManager(manager, key));
  const owned = fields.difference(METADATA_ITSELF);
  if (owned.isEmpty) {
    return others;
  }
  const time = current?.fields.equals(owned) ? current.time : options.now;
  return [
    ...others,
    { ...key, apiVersion: options.apiVersion, time, fields: owned },
  ];
}

/** The object without what nobody owns: its identity and the server's bookkeeping. */
export function ownable(object: KubernetesObject): JsonObject {
  const { apiVersion, kind, metadata, ...rest } = object as KubernetesObject &
    JsonObject;
  const {
    name,
    namespace,
    uid,
    generation,
    resourceVersion,
    creationTimestamp,
    deletionTimestamp,
    managedFields,
    selfLink,
    deletionGracePeriodSeconds,
    ...owned
  } = metadata as unknown as JsonObject;
  return {
    ...rest,
    ...(Object.keys(owned).length > 0 && { metadata: owned }),
  };
}

/** Whether two states differ in nothing but the times of managers. */
export function isSameObject(
  left: KubernetesObject,
  right: KubernetesObject,
): boolean {
  return isSameJson(timeless(left), timeless(right));
}

function timeless(object: KubernetesObject) {
  return {
    ...object,
    metadata: {
      ...object.metadata,
      resourceVersion: '',
      managedFields: object.metadata.managedFields?.map(entry => ({
        ...entry,
        time: '',
      })),
    },
  };
}

function limitUpdaters(managers: Manager[]): Manager[] {
  const updaters = managers
    .filter(manager => manager.operation === 'Update' && !manager.subresource)
    .sort(byOperationAndTime);
  const excess = updaters.length - MAXIMUM_UPDATERS;
  if (excess <= 0) {
    return [...managers];
  }
  const old = updaters.slice(0, excess + 1);
  const together: Manager = {
    ...old[old.length - 1],
    name: ANCIENT,
    fields: old.reduce(
      (set, manager) => set.union(manager.fields),
      FieldSet.empty,
    ),
  };
  return [...managers.filter(manager => !old.includes(manager)), together];
}

function byOperationAndTime(left: Manager, right: Manager): number {
  const key = (manager: Manager) =>
    [manager.operation, manager.time, manager.name].join('\n');
  return key(left) < key(right) ? -1 : 1;
}
