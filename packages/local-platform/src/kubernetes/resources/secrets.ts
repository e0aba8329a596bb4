import { bytesMap, flag, object, text, textMap } from '../schema/shorthand';
import { withObjectFields } from '../schema/objectMetaSchema';
import { isObject, type Json, type JsonObject } from '../schema/Schema';
import type { FieldError } from '../status/refusals';
import { ageColumn, column, nameColumn, read } from '../tables/columns';
import { ALL_VERBS, type ResourceDefinition } from './ResourceDefinition';
import { checkData, checkImmutable } from './dataRules';

export const secrets: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  listKind: 'SecretList',
  plural: 'secrets',
  singular: 'secret',
  shortNames: [],
  categories: [],
  namespaced: true,
  verbs: ALL_VERBS,
  schema: withObjectFields(
    object('Confidential data of at most 1 MiB.', {
      data: bytesMap('Values by key, base64.'),
      stringData: textMap(
        'Values by key as plain text, merged into data when written; never read back.',
      ),
      type: text('What the data is for; never changes.'),
      immutable: flag('Refuses any later change of the data.'),
    }),
  ),
  subresources: [],
  countsGenerations: false,
  columns: [
    nameColumn,
    column('Type', 'What the data is for.', secret => secret.type ?? ''),
    column(
      'Data',
      'How many keys there are.',
      secret => Object.keys(read(secret, 'data') ?? {}).length,
      { type: 'integer' },
    ),
    ageColumn,
  ],
  nameRule: 'subdomain',
  custom: false,
  prepare: withEncodedText,
  check: checkSecret,
};

function withEncodedText(secret: JsonObject): JsonObject {
  const { stringData, ...kept } = secret;
  const encoded = isObject(stringData)
    ? Object.entries(stringData).map(([key, value]): [string, Json] => [
        key,
        Buffer.from(String(value)).toString('base64'),
      ])
    : [];
  const data = isObject(kept.data) ? kept.data : {};
  return {
    ...kept,
    ...((encoded.length > 0 || kept.data) && {
      data: { ...data, ...Object.fromEntries(encoded) },
    }),
    type: kept.type || 'Opaque',
  };
}

function checkSecret(secret: JsonObject, previous?: JsonObject): FieldError[] {
  const typeChanged = previous && previous.type !== secret.type;
  return [
    ...checkData(secret, ['data']),
    ...(typeChanged
      ? [
          {
            reason: 'FieldValueInvalid',
            field: 'type',
            message: `Invalid value: ${JSON.stringify(
              secret.type,
            )}: field is immutable`,
          },
        ]
      : []),
    ...(previous ? checkImmutable(secret, previous, ['data']) : []),
  ];
}
