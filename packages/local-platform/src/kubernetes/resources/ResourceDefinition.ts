import type { Json, JsonObject, Schema } from '../schema/Schema';
import type { FieldError } from '../status/refusals';

export type Verb =
  | 'create'
  | 'delete'
  | 'deletecollection'
  | 'get'
  | 'list'
  | 'patch'
  | 'update'
  | 'watch';

export const ALL_VERBS: Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

/** One column that `kubectl get` prints. */
export interface Column {
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  format?: string;
  description: string;
  /** Above 0: shown by `-o wide` only. */
  priority: number;
  cell(object: JsonObject, now: Date): Json;
}

/** Everything the API needs to know of one kind in one version. */
export interface ResourceDefinition {
  /** Empty for the core group. */
  group: string;
  version: string;
  kind: string;
  listKind: string;
  plural: string;
  singular: string;
  shortNames: string[];
  categories: string[];
  namespaced: boolean;
  verbs: Verb[];
  /** With the fields that every object has. */
  schema: Schema;
  subresources: ('status' | 'log')[];
  /** Whether `metadata.generation` counts changes of the desired state. */
  countsGenerations: boolean;
  columns: Column[];
  nameRule: 'subdomain' | 'label';
  /** From a CustomResourceDefinition: patched as JSON, not strategically; updates name a version. */
  custom: boolean;
  /** Fields that the server adds where they are not sent, and nobody owns then. */
  unowned?: string[];
  /** Turns what was sent into what is stored. */
  prepare?(object: JsonObject): JsonObject;
  /** Rules that the schema cannot say. */
  check?(object: JsonObject, previous?: JsonObject): FieldError[];
}

/** `v1`, or group and version. */
export function apiVersionOf(
  definition: Pick<ResourceDefinition, 'group' | 'version'>,
): string {
  return definition.group
    ? `${definition.group}/${definition.version}`
    : definition.version;
}

/** Name of the resource with its group, which storage and errors use. */
export function qualifiedName(
  definition: Pick<ResourceDefinition, 'group' | 'plural'>,
): string {
  return definition.group
    ? `${definition.plural}.${definition.group}`
    : definition.plural;
}

/** The definition as refusals name it. */
export function resourceName(definition: ResourceDefinition) {
  return { group: definition.group, resource: definition.plural };
}
