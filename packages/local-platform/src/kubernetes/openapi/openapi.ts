import { createHash } from 'node:crypto';
import { groupVersions, type GroupVersion } from '../discovery/discovery';
import {
  apiVersionOf,
  type ResourceDefinition,
  type Verb,
} from '../resources/ResourceDefinition';
import type { ResourceRegistry } from '../resources/ResourceRegistry';
import { objectMetaSchema } from '../schema/objectMetaSchema';
import type { Schema } from '../schema/Schema';

const META_PREFIX = 'io.k8s.apimachinery.pkg.apis.meta.v1.';
const OBJECT_META = `${META_PREFIX}ObjectMeta`;
const PATCH_TYPES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
];

/** `/openapi/v3`: where the document of each group version is. */
export function openApiIndex(registry: ResourceRegistry) {
  const paths = groupVersions(registry)
    .filter(of => openApiDocument(registry, of))
    .map(of => {
      const path = rootOf(of).slice(1);
      const document = JSON.stringify(openApiDocument(registry, of));
      const hash = createHash('sha512').update(document).digest('hex');
      return [
        path,
        {
          serverRelativeURL: `/openapi/v3/${path}?hash=${hash.toUpperCase()}`,
        },
      ];
    });
  return { paths: Object.fromEntries(paths) };
}

/** The OpenAPI v3 document of one group version; undefined where there is none. */
export function openApiDocument(registry: ResourceRegistry, of: GroupVersion) {
  const definitions = registry.inGroup(of.group, of.version);
  if (definitions.length === 0) {
    return undefined;
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1' },
    paths: Object.fromEntries(definitions.flatMap(pathsOf)),
    components: {
      schemas: {
        ...metaSchemas(),
        ...Object.fromEntries(
          definitions.map(definition => [
            schemaName(definition),
            schemaOf(definition),
          ]),
        ),
      },
    },
  };
}

/** The parts of the metadata by the names that Kubernetes gives them. */
function metaSchemas(): Record<string, Schema> {
  const { ownerReferences, managedFields } = objectMetaSchema.properties!;
  const entry = managedFields.items!;
  return {
    [OBJECT_META]: {
      ...objectMetaSchema,
      properties: {
        ...objectMetaSchema.properties,
        ownerReferences: {
          ...ownerReferences,
          items: reference('OwnerReference'),
        },
        managedFields: {
          ...managedFields,
          items: reference('ManagedFieldsEntry'),
        },
      },
    },
    [`${META_PREFIX}OwnerReference`]: ownerReferences.items!,
    [`${META_PREFIX}ManagedFieldsEntry`]: {
      ...entry,
      properties: { ...entry.properties, fieldsV1: reference('FieldsV1') },
    },
    [`${META_PREFIX}FieldsV1`]: entry.properties!.fieldsV1,
  };
}

function reference(name: string): Schema {
  return {
    default: {},
    allOf: [{ $ref: `#/components/schemas/${META_PREFIX}${name}` }],
  };
}

/** A description that a generator broke into lines, in one. */
function inOneLine(schema: Schema): Schema {
  return {
    ...schema,
    description: schema.description?.replace(/\n/g, ' '),
  };
}

function rootOf({ group, version }: GroupVersion): string {
  return group ? `/apis/${group}/${version}` : `/api/${version}`;
}

/** Go's reversed domain, as real clusters name schemas. */
function schemaName({ group, version, kind }: ResourceDefinition): string {
  return group
    ? [...group.split('.').reverse(), version, kind].join('.')
    : `io.k8s.api.core.${version}.${kind}`;
}

function schemaOf(definition: ResourceDefinition) {
  const { group, version, kind } = definition;
  return {
    ...definition.schema,
    properties: {
      ...definition.schema.properties,
      apiVersion: inOneLine(definition.schema.properties!.apiVersion),
      kind: inOneLine(definition.schema.properties!.kind),
      metadata: {
        description: objectMetaSchema.description,
        default: {},
        allOf: [{ $ref: `#/components/schemas/${OBJECT_META}` }],
      },
    },
    'x-kubernetes-group-version-kind': [{ group, kind, version }],
  };
}

function pathsOf(definition: ResourceDefinition): [string, object][] {
  const root = rootOf(definition);
  const { plural, namespaced, subresources } = definition;
  const collection = namespaced
    ? `${root}/namespaces/{namespace}/${plural}`
    : `${root}/${plural}`;
  const one = `${collection}/{name}`;
  const path = (
    parameters: string[],
    methods: [string, Verb | 'deletecollection', string][],
  ) => ({
    parameters: parameters.map(pathParameter),
    ...Object.fromEntries(
      methods
        .filter(([, verb]) => definition.verbs.includes(verb as Verb))
        .map(([method, , action]) => [
          method,
          operation(definition, method, action),
        ]),
    ),
  });
  const inNamespace = namespaced ? ['namespace'] : [];
  return [
    [
      collection,
      path(inNamespace, [
        ['get', 'list', 'list'],
        ['post', 'create', 'post'],
        ['delete', 'deletecollection', 'deletecollection'],
      ]),
    ],
    [
      one,
      path(
        ['name', ...inNamespace],
        [
          ['get', 'get', 'get'],
          ['put', 'update', 'put'],
          ['patch', 'patch', 'patch'],
          ['delete', 'delete', 'delete'],
        ],
      ),
    ],
    ...(namespaced
      ? [
          [`${root}/${plural}`, path([], [['get', 'list', 'list']])] as [
            string,
            object,
          ],
        ]
      : []),
    ...(subresources.includes('status')
      ? [
          [
            `${one}/status`,
            path(
              ['name', ...inNamespace],
              [
                ['get', 'get', 'get'],
                ['put', 'update', 'put'],
                ['patch', 'patch', 'patch'],
              ],
            ),
          ] as [string, object],
        ]
      : []),
  ];
}

function operation(
  definition: ResourceDefinition,
  method: string,
  action: string,
) {
  const { group, version, kind } = definition;
  const schema = { $ref: `#/components/schemas/${schemaName(definition)}` };
  const writes = ['post', 'put', 'patch'].includes(method);
  const bodyTypes =
    method === 'patch'
      ? [
          ...PATCH_TYPES,
          ...(definition.custom
            ? []
            : ['application/strategic-merge-patch+json']),
        ]
      : ['application/json'];
  return {
    description: `${action} ${kind}`,
    operationId: `${action}${apiVersionOf(definition).replace(
      /\W/g,
      '_',
    )}${kind}`,
    tags: [apiVersionOf(definition).replace(/\W/g, '_')],
    parameters: queryParameters(writes, method),
    ...(writes && {
      requestBody: {
        required: true,
        content: Object.fromEntries(
          bodyTypes.map(type => [
            type,
            { schema: method === 'patch' ? { type: 'object' } : schema },
          ]),
        ),
      },
    }),
    responses: {
      200: {
        description: 'OK',
        content: {
          'application/json': {
            schema: action === 'list' ? { type: 'object' } : schema,
          },
        },
      },
      401: { description: 'Unauthorized' },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, kind, version },
  };
}

function queryParameters(writes: boolean, method: string) {
  const named = (name: string, description: string, type = 'string') => ({
    name,
    in: 'query',
    description,
    schema: { type, uniqueItems: true },
  });
  return [
    ...(writes || method === 'delete'
      ? [named('dryRun', 'With All, nothing is kept.')]
      : []),
    ...(writes
      ? [
          named('fieldManager', 'Who makes the change.'),
          named(
            'fieldValidation',
            'What to do about unknown fields: Ignore, Warn or Strict.',
          ),
        ]
      : []),
    ...(method === 'patch'
      ? [named('force', 'Takes fields over from other managers.', 'boolean')]
      : []),
  ];
}

function pathParameter(name: string) {
  return {
    name,
    in: 'path',
    required: true,
    description: `${name} of the object`,
    schema: { type: 'string', uniqueItems: true },
  };
}
