import { z } from 'zod';
import { withObjectFields } from '../schema/objectMetaSchema';
import { isObject, type JsonObject, type Schema } from '../schema/Schema';
import type { FieldError } from '../status/refusals';
import {
  ageColumn,
  metadata,
  nameColumn,
  printerColumn,
} from '../tables/columns';
import { ALL_VERBS, type ResourceDefinition } from './ResourceDefinition';

const columnSchema = z.object({
  name: z.string(),
  type: z.enum(['string', 'integer', 'number', 'boolean', 'date']),
  jsonPath: z.string(),
  format: z.string().optional(),
  description: z.string().optional(),
  priority: z.number().int().optional(),
});

const definitionSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    group: z.string().min(1),
    scope: z.enum(['Namespaced', 'Cluster']),
    names: z.looseObject({
      plural: z.string().min(1),
      kind: z.string().min(1),
      singular: z.string().optional(),
      listKind: z.string().optional(),
      shortNames: z.array(z.string()).optional(),
      categories: z.array(z.string()).optional(),
    }),
    versions: z
      .array(
        z.looseObject({
          name: z.string().min(1),
          served: z.boolean(),
          storage: z.boolean(),
          schema: z.looseObject({
            openAPIV3Schema: z.looseObject({ type: z.literal('object') }),
          }),
          subresources: z
            .looseObject({ status: z.looseObject({}).optional() })
            .optional(),
          additionalPrinterColumns: z.array(columnSchema).optional(),
        }),
      )
      .min(1),
  }),
});

/** What the API serves for a CustomResourceDefinition: one entry a served version. */
export function customResources(crd: unknown): ResourceDefinition[] {
  const { spec } = definitionSchema.parse(crd);
  const { names } = spec;
  return spec.versions
    .filter(version => version.served)
    .map(version => ({
      group: spec.group,
      version: version.name,
      kind: names.kind,
      listKind: names.listKind ?? `${names.kind}List`,
      plural: names.plural,
      singular: names.singular || names.kind.toLowerCase(),
      shortNames: names.shortNames ?? [],
      categories: names.categories ?? [],
      namespaced: spec.scope === 'Namespaced',
      verbs: ALL_VERBS,
      schema: withObjectFields(version.schema.openAPIV3Schema as Schema),
      subresources: version.subresources?.status ? ['status'] : [],
      countsGenerations: true,
      columns: [
        nameColumn,
        ...(version.additionalPrinterColumns?.map(printerColumn) ?? [
          ageColumn,
        ]),
      ],
      nameRule: 'subdomain',
      custom: true,
    }));
}

/** The rules of a CustomResourceDefinition that this API relies on. */
export function checkDefinition(crd: JsonObject): FieldError[] {
  const parsed = definitionSchema.safeParse(crd);
  if (!parsed.success) {
    return parsed.error.issues.map(issue => ({
      reason: 'FieldValueInvalid',
      field: issue.path
        .map((part, index) =>
          typeof part === 'number'
            ? `[${part}]`
            : `${index ? '.' : ''}${String(part)}`,
        )
        .join(''),
      message: `Invalid value: ${issue.message}`,
    }));
  }
  const { spec } = parsed.data;
  const name = `${spec.names.plural}.${spec.group}`;
  const errors: FieldError[] = [];
  if (parsed.data.metadata.name !== name) {
    errors.push({
      reason: 'FieldValueInvalid',
      field: 'metadata.name',
      message: `Invalid value: ${JSON.stringify(
        parsed.data.metadata.name,
      )}: must be spec.names.plural+"."+spec.group`,
    });
  }
  if (spec.versions.filter(version => version.storage).length !== 1) {
    errors.push({
      reason: 'FieldValueInvalid',
      field: 'spec.versions',
      message:
        'Invalid value: must have exactly one version marked as storage version',
    });
  }
  spec.versions.forEach((version, index) => {
    const patterns = patternsIn(version.schema.openAPIV3Schema);
    errors.push(
      ...patterns
        .filter(pattern => !isPattern(pattern))
        .map(pattern => ({
          reason: 'FieldValueInvalid',
          field: `spec.versions[${index}].schema.openAPIV3Schema`,
          message: `Invalid value: ${JSON.stringify(
            pattern,
          )}: must be a valid regular expression`,
        })),
    );
    version.additionalPrinterColumns?.forEach((declared, column) => {
      try {
        printerColumn(declared);
      } catch (error) {
        errors.push({
          reason: 'FieldValueInvalid',
          field: `spec.versions[${index}].additionalPrinterColumns[${column}].jsonPath`,
          message: `Invalid value: ${JSON.stringify(declared.jsonPath)}: ${
            (error as Error).message
          }`,
        });
      }
    });
  });
  return errors;
}

function patternsIn(schema: unknown): string[] {
  if (Array.isArray(schema)) {
    return schema.flatMap(patternsIn);
  }
  return isObject(schema)
    ? Object.entries(schema).flatMap(([name, value]) =>
        name === 'pattern' && typeof value === 'string'
          ? [value]
          : patternsIn(value),
      )
    : [];
}

function isPattern(text: string): boolean {
  try {
    return Boolean(new RegExp(text));
  } catch {
    // Told by the caller, with the field.
    return false;
  }
}

/** Names that follow from others, and the status that says that the kind is served. */
export function withDefinitionDefaults(crd: JsonObject): JsonObject {
  const { spec } = crd;
  if (!isObject(spec) || !isObject(spec.names)) {
    return crd;
  }
  const kind = String(spec.names.kind ?? '');
  const names = {
    singular: kind.toLowerCase(),
    listKind: `${kind}List`,
    ...spec.names,
  };
  const versions = Array.isArray(spec.versions) ? spec.versions : [];
  const since = metadata(crd).creationTimestamp ?? null;
  const condition = (type: string, reason: string, message: string) => ({
    type,
    status: 'True',
    reason,
    message,
    lastTransitionTime: since,
  });
  return {
    ...crd,
    spec: { conversion: { strategy: 'None' }, ...spec, names },
    status: {
      acceptedNames: names,
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
        condition(
          'Established',
          'InitialNamesAccepted',
          'the initial names have been accepted',
        ),
      ],
      storedVersions: versions.flatMap(version =>
        isObject(version) && version.storage === true && version.name
          ? [version.name]
          : [],
      ),
    },
  };
}
