import { isWasiError } from '../diagnosis';
import { parseImageReference } from '../imageReference';
import { parseNetworkPattern } from '../network';
import { runtimes } from '../runtimes';
import { parseQuantity } from '../wasmModule/parseQuantity';
import { closestName } from './closestName';
import { containerRuntimes, runtimeFamily } from './compatibility';
import type { Fault } from './FuncYamlReport';
import { isLabelValue } from './isLabelValue';
import { parseEnvValue } from './parseEnvValue';
import type { FuncEnv } from './types';

const DNS_1035_LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_1123_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_1123_SUBDOMAIN =
  /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
// The patterns of func's own schema.
const ENV_NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;
const LABEL_KEY =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const QUANTITY = /^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$/;
const DATE_TIME =
  /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const SHA256_DIGEST = /^sha256:[0-9a-f]{64}$/;

type Check = (value: string) => Fault[];

/** A Knative Service takes its name from the function: a DNS label that starts with a letter. @internal */
export const checkName: Check = value =>
  DNS_1035_LABEL.test(value)
    ? []
    : [{ code: 'NAME_INVALID', message: `"${cut(value)}" is no valid name` }];

/** @internal */
export const checkNamespace: Check = value =>
  DNS_1123_LABEL.test(value)
    ? []
    : [
        {
          code: 'NAME_INVALID',
          message: `"${cut(value)}" is no valid namespace`,
          remedy:
            'Use lower-case letters, digits and dashes, at most 63 characters.',
        },
      ];

/** Names of Secrets, ConfigMaps and claims. @internal */
export const checkResourceName: Check = value =>
  DNS_1123_SUBDOMAIN.test(value)
    ? []
    : [
        {
          code: 'NAME_INVALID',
          message: `"${cut(value)}" is no valid name of a resource`,
          remedy:
            'Use lower-case letters, digits, dashes and dots, at most 253 characters.',
        },
      ];

/** @internal */
export const checkRuntime: Check = value => {
  if (runtimeFamily(value)) {
    return [];
  }
  const names = runtimes.map(runtime => runtime.name);
  const closest = closestName(value, [...names, ...containerRuntimes]);
  return [
    {
      code: 'RUNTIME_UNKNOWN',
      message: `"${cut(value)}" is no known runtime`,
      remedy: `${
        closest ? `Did you mean \`${closest}\`? ` : ''
      }Choose one of ${names.join(', ')}.`,
    },
  ];
};

/** @internal */
export const checkImage: Check = value => imageFaults(value, value);

/** A registry is the front of a reference: it is read with a repository behind it. @internal */
export const checkRegistry: Check = value => {
  const trimmed = value.replace(/^\/+|\/+$/g, '');
  return trimmed === ''
    ? [{ code: 'IMAGE_REFERENCE_INVALID', message: 'is empty' }]
    : imageFaults(`${trimmed}/name`, value);
};

/** @internal */
export const checkNetworkPattern: Check = value =>
  parseNetworkPattern(value).findings;

/** @internal */
export const checkQuantity: Check = value =>
  matches(QUANTITY, value, 'quantity, such as 100m or 128Mi');

/** A size in bytes. @internal */
export const checkSize: Check = value =>
  (parseQuantity(value) ?? 0) >= 1
    ? []
    : [
        {
          message: `"${cut(value)}" is no valid size`,
          remedy: 'Write bytes with a unit, such as 800Ki or 5Mi.',
        },
      ];

/** @internal */
export const checkLabelKey: Check = value =>
  LABEL_KEY.test(value) &&
  value.length <= 317 &&
  value.slice(value.indexOf('/') + 1).length <= 63
    ? []
    : [{ message: `"${cut(value)}" is no valid label key` }];

/** @internal */
export const checkLabelValue: Check = value => {
  const asked = parseEnvValue(value);
  if (asked.kind === 'local') {
    return [];
  }
  return asked.kind === 'text' && isLabelValue(value)
    ? []
    : [
        {
          message: `"${cut(value)}" is no valid label value`,
          remedy:
            'Use letters, digits, dashes, underscores and dots, at most 63 characters, or `{{ env:NAME }}`.',
        },
      ];
};

/** @internal */
export const checkEnvName: Check = value =>
  ENV_NAME.test(value)
    ? []
    : [
        {
          message: `"${cut(value)}" is no valid name of a variable`,
          remedy:
            'Use letters, digits, dots, dashes and underscores, not starting with a digit.',
        },
      ];

/** @internal */
export const checkCreated: Check = value =>
  matches(DATE_TIME, value, 'date and time (RFC 3339)').map(fault => ({
    ...fault,
    severity: 'warning' as const,
  }));

/** @internal */
export const checkModuleDigest: Check = value =>
  matches(SHA256_DIGEST, value, 'digest (sha256: and 64 hex digits)');

/** @internal */
export const checkMountPath: Check = value =>
  value.startsWith('/') && !value.includes(':')
    ? []
    : [
        {
          code: 'MOUNT_PATH_INVALID',
          message: `"${cut(value)}" is no absolute path`,
        },
      ];

/**
 * What func asks of an env entry as a whole. The value is not repeated in a
 * message: it may be a secret that was typed in.
 *
 * @internal
 */
export function checkEnv(env: FuncEnv): Fault[] {
  const asked = env.value === undefined ? undefined : parseEnvValue(env.value);
  if (env.name === undefined) {
    return asked?.kind === 'secret' || asked?.kind === 'configMap'
      ? []
      : [
          {
            message:
              'an entry without name must name a whole Secret or ConfigMap',
            remedy:
              'Add a name, or write the value as `{{ secret:name }}` or `{{ configMap:name }}`.',
          },
        ];
  }
  switch (asked?.kind) {
    case undefined:
      return [
        {
          message: `the variable ${cut(env.name)} has no value`,
          remedy: 'Add a value; an empty one is written as "".',
        },
      ];
    case 'secret':
    case 'configMap':
      return [
        {
          message: `the variable ${cut(env.name)} asks for a whole ${
            asked.kind === 'secret' ? 'Secret' : 'ConfigMap'
          }`,
          remedy: `Name a key: \`{{ ${asked.kind}:${asked.name}:key }}\`.`,
        },
      ];
    case 'invalid':
      return [
        {
          message: `the value of ${cut(
            env.name,
          )} starts with {{ and is none of func's forms`,
          remedy:
            'Write `{{ env:NAME }}`, `{{ secret:name:key }}` or `{{ configMap:name:key }}`.',
        },
      ];
    default:
      return [];
  }
}

function imageFaults(reference: string, written: string): Fault[] {
  try {
    parseImageReference(reference);
    return [];
  } catch (error) {
    if (!isWasiError(error)) {
      throw error;
    }
    const message = error.message.replace(
      /^Image reference "([^"]*)" /,
      // What was left out there stays out here.
      (_, shown) => `"${shown.startsWith('…') ? shown : cut(written)}" `,
    );
    return [{ code: error.code, message, remedy: error.remedy }];
  }
}

function matches(pattern: RegExp, value: string, what: string): Fault[] {
  return pattern.test(value)
    ? []
    : [{ message: `"${cut(value)}" is no valid ${what}` }];
}

function cut(value: string): string {
  return value.length > 80 ? `${value.slice(0, 80)}…` : value;
}
