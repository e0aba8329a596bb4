import type { FieldError } from '../status/refusals';
import { invalidValue } from './invalidValue';

interface Owner {
  apiVersion?: string;
  kind?: string;
  name?: string;
  uid?: string;
  controller?: boolean;
}

const FIELD = 'metadata.ownerReferences';

/** Owners are named whole, and one of them at most is in control. */
export function validateOwners(owners: Owner[]): FieldError[] {
  const controllers = owners.filter(owner => owner.controller);
  return [
    ...owners.flatMap(validateOwner),
    ...(controllers.length > 1
      ? [
          invalidValue(
            FIELD,
            owners,
            `Only one reference can have Controller set to true. Found "true" in references for ${controllers
              .slice(0, 2)
              .map(({ kind, name }) => `${kind}/${name}`)
              .join(' and ')}`,
          ),
        ]
      : []),
  ];
}

function validateOwner(owner: Owner): FieldError[] {
  const { apiVersion = '', kind = '', name = '', uid = '' } = owner;
  const parts = apiVersion.split('/');
  const version = parts.length > 2 ? '' : parts[parts.length - 1];
  const isEvent =
    kind === 'Event' && ['v1', 'events.k8s.io/v1'].includes(apiVersion);
  return [
    ...(version
      ? []
      : [
          invalidValue(
            `${FIELD}.apiVersion`,
            apiVersion,
            'version must not be empty',
          ),
        ]),
    ...Object.entries({ kind, name, uid })
      .filter(([, value]) => !value)
      .map(([field, value]) =>
        invalidValue(`${FIELD}.${field}`, value, 'must not be empty'),
      ),
    ...(isEvent
      ? [
          invalidValue(
            FIELD,
            owner,
            `${
              parts.length > 1 ? parts[0] : ''
            }/${version}, Kind=Event is disallowed from being an owner`,
          ),
        ]
      : []),
  ];
}
