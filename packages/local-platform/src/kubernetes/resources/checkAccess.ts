import { invalidValue } from '../schema/invalidValue';
import { isSameJson } from '../schema/isSameJson';
import { isObject, type Json, type JsonObject } from '../schema/Schema';
import type { FieldError } from '../status/refusals';

const RBAC_GROUP = 'rbac.authorization.k8s.io';
const ROLES = ['Role', 'ClusterRole'];
const SUBJECTS = ['ServiceAccount', 'User', 'Group'];

/** What a rule must name to give a right. */
export function checkRules(
  role: JsonObject,
  options: { inNamespace: boolean },
): FieldError[] {
  return objectsIn(role.rules).flatMap((rule, index) => {
    const field = `rules[${index}]`;
    const isEmpty = (name: string) => textsIn(rule[name]).length === 0;
    if (isEmpty('verbs')) {
      return [
        required(`${field}.verbs`, 'verbs must contain at least one value'),
      ];
    }
    if (!isEmpty('nonResourceURLs')) {
      return options.inNamespace
        ? [
            invalidValue(
              `${field}.nonResourceURLs`,
              rule.nonResourceURLs,
              'namespaced rules cannot apply to non-resource URLs',
            ),
          ]
        : [];
    }
    return [
      ...(isEmpty('apiGroups')
        ? [
            required(
              `${field}.apiGroups`,
              'resource rules must supply at least one api group',
            ),
          ]
        : []),
      ...(isEmpty('resources')
        ? [
            required(
              `${field}.resources`,
              'resource rules must supply at least one resource',
            ),
          ]
        : []),
    ];
  });
}

/** A binding names one role for good, and subjects of known kinds. */
export function checkBinding(
  binding: JsonObject,
  previous?: JsonObject,
): FieldError[] {
  const {
    apiGroup,
    kind = '',
    name = '',
  } = isObject(binding.roleRef) ? binding.roleRef : {};
  return [
    ...(previous && !isSameJson(previous.roleRef, binding.roleRef)
      ? [
          invalidValue(
            'roleRef',
            { APIGroup: apiGroup, Kind: kind, Name: name },
            'cannot change roleRef',
          ),
        ]
      : []),
    ...(ROLES.includes(String(kind))
      ? []
      : [notSupported('roleRef.kind', kind, ROLES)]),
    ...(name ? [] : [required('roleRef.name')]),
    ...objectsIn(binding.subjects).flatMap((subject, index) => {
      const field = `subjects[${index}]`;
      return [
        ...(subject.name ? [] : [required(`${field}.name`)]),
        ...(SUBJECTS.includes(String(subject.kind))
          ? []
          : [notSupported(`${field}.kind`, subject.kind ?? '', SUBJECTS)]),
      ];
    }),
  ];
}

/** Groups that follow from what is named. */
export function withApiGroups(binding: JsonObject): JsonObject {
  return {
    ...binding,
    roleRef: isObject(binding.roleRef)
      ? { ...binding.roleRef, apiGroup: binding.roleRef.apiGroup || RBAC_GROUP }
      : { apiGroup: RBAC_GROUP },
    ...(Array.isArray(binding.subjects) && {
      subjects: objectsIn(binding.subjects).map(subject =>
        ['User', 'Group'].includes(String(subject.kind))
          ? { ...subject, apiGroup: subject.apiGroup || RBAC_GROUP }
          : subject,
      ),
    }),
  };
}

function required(field: string, why?: string): FieldError {
  return {
    reason: 'FieldValueRequired',
    field,
    message: `Required value${why ? `: ${why}` : ''}`,
  };
}

function notSupported(
  field: string,
  value: Json,
  supported: string[],
): FieldError {
  return {
    reason: 'FieldValueNotSupported',
    field,
    message: `Unsupported value: ${JSON.stringify(
      value,
    )}: supported values: ${supported
      .map(one => JSON.stringify(one))
      .join(', ')}`,
  };
}

function objectsIn(list: Json | undefined): JsonObject[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function textsIn(list: Json | undefined): Json[] {
  return Array.isArray(list) ? list : [];
}
