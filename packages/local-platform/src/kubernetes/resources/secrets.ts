import { JsonSyntaxError } from '../decoding/JsonSyntaxError';
import { parseJson } from '../decoding/parseJson';
import { invalidValue } from '../schema/invalidValue';
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
    column('Data', 'How many keys there are.', secret =>
      String(Object.keys(read(secret, 'data') ?? {}).length),
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

/** Keys that a type of secret is of no use without. */
const NEEDED: Record<string, string[]> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};
const IN_JSON = ['.dockercfg', '.dockerconfigjson'];

function checkNeeded({ type, data }: JsonObject): FieldError[] {
  const values = isObject(data) ? data : {};
  const missing = (key: string): FieldError => ({
    reason: 'FieldValueRequired',
    field: `data[${key}]`,
    message: 'Required value',
  });
  if (type === 'kubernetes.io/basic-auth') {
    // One of them will do.
    const keys = ['username', 'password'];
    return keys.some(key => values[key] !== undefined) ? [] : keys.map(missing);
  }
  const needed = Object.hasOwn(NEEDED, String(type))
    ? NEEDED[String(type)]
    : [];
  return needed.flatMap(key => {
    const value = values[key];
    if (typeof value !== 'string') {
      return [missing(key)];
    }
    return IN_JSON.includes(key) ? checkJson(key, value) : [];
  });
}

function checkJson(key: string, value: string): FieldError[] {
  try {
    parseJson(Buffer.from(value, 'base64').toString('utf8'));
    return [];
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) {
      throw error;
    }
    return [
      invalidValue(`data[${key}]`, '<secret contents redacted>', error.message),
    ];
  }
}

function checkSecret(secret: JsonObject, previous?: JsonObject): FieldError[] {
  const typeChanged = previous && previous.type !== secret.type;
  return [
    ...checkData(secret, ['data']),
    ...checkNeeded(secret),
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
