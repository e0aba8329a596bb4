import type { Config } from '@backstage/config';
import type { IdentityMode, WasiConfig } from './types';

const MODES = ['service-account', 'impersonate'] as const;
const DEFAULT_NAME = 'backstage:{namespace}/{name}';
const PLACEHOLDER = /\{[^{}]*\}/g;

/**
 * `wasi.identity`: as whom clusters are called.
 *
 * @internal
 */
export function readIdentity(
  identity: Config | undefined,
): Pick<WasiConfig, 'identity'> {
  if (!identity) {
    return {};
  }
  return {
    identity: {
      mode: readMode('mode', identity.getOptionalString('mode')),
      clusters: Object.fromEntries(
        (identity.getOptionalConfigArray('clusters') ?? []).map(
          (cluster, index) => [
            cluster.getString('name'),
            readMode(`clusters[${index}].mode`, cluster.getString('mode')),
          ],
        ),
      ),
      user: readTemplate('user', identity.getOptionalString('user')),
      group: readTemplate('group', identity.getOptionalString('group')),
      sendEntityRef: identity.getOptionalBoolean('sendEntityRef') ?? false,
    },
  };
}

function readMode(key: string, text = 'service-account'): IdentityMode {
  const mode = MODES.find(known => known === text);
  if (!mode) {
    throw new Error(
      `wasi.identity.${key} is ${JSON.stringify(text)}; it may be ${MODES.join(
        ' or ',
      )}.`,
    );
  }
  return mode;
}

function readTemplate(key: string, template = DEFAULT_NAME): string {
  const wrong = (why: string) =>
    new Error(`wasi.identity.${key} is ${JSON.stringify(template)}, ${why}.`);
  // Names of the cluster's own parts: whoever has one may be anything.
  if (/^\s*system:/i.test(template)) {
    throw wrong('but no user of the portal may have a name of Kubernetes');
  }
  if (!template.includes('{name}')) {
    throw wrong('but without {name} all would be one');
  }
  const unknown = (template.match(PLACEHOLDER) ?? []).find(
    placeholder => !['{name}', '{namespace}'].includes(placeholder),
  );
  if (unknown) {
    throw wrong(`and ${unknown} is not known; write {namespace} and {name}`);
  }
  return template;
}
