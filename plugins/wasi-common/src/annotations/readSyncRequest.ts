import type { Entity } from '@backstage/catalog-model';
import type { SyncMode } from '../api/deployments';
import { catalogue, type Finding } from '../diagnosis';
import {
  ANNOTATION_AUTO_DEPLOY,
  ANNOTATION_DEPLOY_MODE,
  ANNOTATION_ENVIRONMENTS,
  ANNOTATION_FUNC_OVERLAY,
  ANNOTATION_FUNC_YAML,
  ANNOTATION_IMAGE_TAG,
  ANNOTATION_KUBERNETES_CLUSTER,
  ANNOTATION_KUBERNETES_NAMESPACE,
} from './annotations';

/** The environment of an entity that names none. @public */
export const DEFAULT_ENVIRONMENT = 'default';

const ENVIRONMENT = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const NAMESPACE = ENVIRONMENT;
const CLUSTER = /^[^\s,/]{1,253}$/;
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const MODES: readonly SyncMode[] = ['apply', 'pull-request', 'observe'];
const MAX_ENVIRONMENTS = 20;
/** Segments without what a URL reads in another way, such as `%2e` or a second host. */
const PATH = /^(?!\/)[\w.@+ /-]{1,500}$/;

/** One environment that an entity asks to be deployed to. @public */
export interface SyncRequestTarget {
  environment: string;
  /** Absent: the only cluster there is. */
  cluster?: string;
  /** Absent: the namespace of func.yaml. */
  namespace?: string;
  mode?: SyncMode;
  /** Tag of the image, instead of that of func.yaml. */
  tag?: string;
  /** Path of what differs from func.yaml, relative to the entity's own file. */
  overlay?: string;
}

/** What an entity asks of deploys from the catalog. @public */
export interface SyncRequest {
  /** False where the entity does not ask to be deployed. */
  asked: boolean;
  /** Path of func.yaml, relative to the entity's own file. */
  funcYaml: string;
  targets: SyncRequestTarget[];
  findings: Finding[];
}

/**
 * Reads from an entity's annotations whether, from what and to where it is
 * deployed; what cannot be read is a finding, and nothing is deployed by it.
 *
 * @public
 */
export function readSyncRequest(entity: Entity): SyncRequest {
  const findings: Finding[] = [];
  const read = (key: string) => {
    const value: unknown = entity.metadata.annotations?.[key];
    return typeof value === 'string' ? value.trim() || undefined : undefined;
  };
  const refuse = (key: string, message: string) => {
    findings.push({
      code: 'SYNC_ANNOTATION_INVALID',
      severity: 'error',
      message,
      remedy: catalogue.SYNC_ANNOTATION_INVALID.remedy,
      path: `metadata.annotations["${key}"]`,
    });
  };

  const asked = read(ANNOTATION_AUTO_DEPLOY) ?? 'false';
  if (asked !== 'true' && asked !== 'false') {
    refuse(
      ANNOTATION_AUTO_DEPLOY,
      `"${shorten(asked)}" is neither "true" nor "false".`,
    );
  }
  const funcYaml = read(ANNOTATION_FUNC_YAML) ?? './func.yaml';
  if (!PATH.test(funcYaml)) {
    refuse(
      ANNOTATION_FUNC_YAML,
      `"${shorten(funcYaml)}" is no path relative to catalog-info.yaml.`,
    );
  }
  const targets = readEnvironments(read(ANNOTATION_ENVIRONMENTS), {
    cluster: read(ANNOTATION_KUBERNETES_CLUSTER),
    namespace: read(ANNOTATION_KUBERNETES_NAMESPACE),
    refuse: message => refuse(ANNOTATION_ENVIRONMENTS, message),
  });
  const environments = targets.map(({ environment }) => environment);
  const modes = readByEnvironment(read(ANNOTATION_DEPLOY_MODE), {
    environments,
    isValue: isMode,
    expected: `one of ${MODES.join(', ')}`,
    refuse: message => refuse(ANNOTATION_DEPLOY_MODE, message),
  });
  const tags = readByEnvironment(read(ANNOTATION_IMAGE_TAG), {
    environments,
    isValue: (value): value is string => TAG.test(value),
    expected: 'a tag of an image',
    refuse: message => refuse(ANNOTATION_IMAGE_TAG, message),
  });
  const overlays = readByEnvironment(read(ANNOTATION_FUNC_OVERLAY), {
    environments,
    isValue: (value): value is string => PATH.test(value),
    expected: 'a path relative to catalog-info.yaml',
    refuse: message => refuse(ANNOTATION_FUNC_OVERLAY, message),
  });
  return {
    asked: asked === 'true',
    funcYaml,
    targets: targets.map(target => {
      const mode = modes(target.environment);
      const tag = tags(target.environment);
      const overlay = overlays(target.environment);
      return {
        ...target,
        ...(mode && { mode }),
        ...(tag && { tag }),
        ...(overlay && { overlay }),
      };
    }),
    findings,
  };
}

function readEnvironments(
  annotation: string | undefined,
  options: {
    cluster?: string;
    namespace?: string;
    refuse(message: string): void;
  },
): SyncRequestTarget[] {
  const { cluster, namespace, refuse } = options;
  if (annotation === undefined) {
    return [
      {
        environment: DEFAULT_ENVIRONMENT,
        ...(cluster && { cluster }),
        ...(namespace && { namespace }),
      },
    ];
  }
  const targets = new Map<string, SyncRequestTarget>();
  const entries = entriesOf(annotation);
  if (entries.length === 0 || entries.length > MAX_ENVIRONMENTS) {
    refuse(
      `The entity names ${entries.length} environments; 1 to ${MAX_ENVIRONMENTS} are taken.`,
    );
  }
  for (const entry of entries.slice(0, MAX_ENVIRONMENTS)) {
    const target = readTarget(entry, cluster);
    if (!target) {
      refuse(`"${shorten(entry)}" is not environment=[cluster/]namespace.`);
    } else if (targets.has(target.environment)) {
      refuse(`The environment ${target.environment} is named twice.`);
    } else {
      targets.set(target.environment, target);
    }
  }
  return [...targets.values()];
}

function readTarget(
  entry: string,
  defaultCluster?: string,
): SyncRequestTarget | undefined {
  const [, environment, address] = /^([^=]*)=(.*)$/.exec(entry) ?? [];
  const [namespace, cluster = defaultCluster, ...rest] = (address ?? '')
    .split('/')
    .reverse()
    .map(part => part.trim());
  return environment !== undefined &&
    ENVIRONMENT.test(environment.trim()) &&
    NAMESPACE.test(namespace) &&
    (cluster === undefined || CLUSTER.test(cluster)) &&
    rest.length === 0
    ? {
        environment: environment.trim(),
        ...(cluster !== undefined && { cluster }),
        namespace,
      }
    : undefined;
}

/** One value for all environments, or one for each that is named. */
function readByEnvironment<T extends string>(
  annotation: string | undefined,
  options: {
    environments: readonly string[];
    isValue(value: string): value is T;
    expected: string;
    refuse(message: string): void;
  },
): (environment: string) => T | undefined {
  const { environments, isValue, expected, refuse } = options;
  if (annotation === undefined) {
    return () => undefined;
  }
  if (isValue(annotation)) {
    return () => annotation;
  }
  const values = new Map<string, T>();
  for (const entry of entriesOf(annotation)) {
    const [, environment = '', value = entry] =
      /^([^=]*)=(.*)$/.exec(entry)?.map(part => part.trim()) ?? [];
    if (!isValue(value)) {
      refuse(`"${shorten(value)}" is not ${expected}.`);
    } else if (!environments.includes(environment)) {
      refuse(`"${shorten(entry)}" is for an environment that is not named.`);
    } else {
      values.set(environment, value);
    }
  }
  return environment => values.get(environment);
}

function isMode(value: string): value is SyncMode {
  return (MODES as readonly string[]).includes(value);
}

function entriesOf(annotation: string): string[] {
  return annotation
    .split(',')
    .map(entry => entry.trim())
    .filter(Boolean);
}

function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
