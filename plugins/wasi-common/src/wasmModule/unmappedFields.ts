import { catalogue, type Finding } from '../diagnosis';
import type { FuncConfig } from '../funcYaml';

/** Fields of func.yaml whose effect a WasmModule cannot have, and why. */
const UNMAPPED: {
  path: string;
  isSet: (config: FuncConfig) => boolean;
  why: string;
  remedy?: string;
}[] = [
  {
    path: 'deploy.options.scale',
    isSet: config => config.deploy.options.scale !== undefined,
    why: 'a WasmModule cannot set scaling',
  },
  {
    path: 'deploy.options.resources.limits.concurrency',
    isSet: config =>
      config.deploy.options.resources?.limits?.concurrency !== undefined,
    why: 'a WasmModule cannot limit concurrency',
  },
  {
    path: 'deploy.imagePullSecret',
    isSet: config => config.deploy.imagePullSecret !== undefined,
    why: 'the runner pulls modules anonymously',
    remedy: 'Push to a repository that anybody may pull from.',
  },
  {
    path: 'deploy.serviceAccountName',
    isSet: config => config.deploy.serviceAccountName !== undefined,
    why: 'a WasmModule names no service account',
  },
  {
    path: 'deploy.healthEndpoints',
    isSet: config => config.deploy.healthEndpoints !== undefined,
    why: 'Knative probes the port of the runner',
  },
  {
    path: 'deploy.subscriptions',
    isSet: config => (config.deploy.subscriptions ?? []).length > 0,
    why: 'subscriptions are made by func only',
    remedy: 'Create a Knative Trigger for the module.',
  },
  {
    path: 'run.startTimeout',
    isSet: config => config.run.startTimeout !== undefined,
    why: 'a WasmModule has no timeout of its own',
  },
  {
    path: 'run.kafka',
    isSet: config => config.run.kafka !== undefined,
    why: 'Kafka sources are made by func only',
    remedy: 'Create a KafkaSource for the module.',
  },
  {
    path: 'domain',
    isSet: config => config.domain !== undefined,
    why: 'a WasmModule cannot choose its domain',
    remedy: 'Create a Knative DomainMapping for the module.',
  },
  {
    path: 'registryInsecure',
    isSet: config => config.registryInsecure === true,
    why: 'the runner has a list of its own',
    remedy:
      'Add the registry to `insecure-registries` in the ConfigMap config-runner.',
  },
];

/**
 * Tells which fields of a func.yaml have no effect on a WasmModule.
 *
 * @internal
 */
export function unmappedFields(config: FuncConfig): Finding[] {
  const code = 'FUNC_FIELD_NOT_MAPPED';
  return UNMAPPED.filter(({ isSet }) => isSet(config)).map(
    ({ path, why, remedy }) => ({
      code,
      severity: 'warning' as const,
      message: `\`${path}\` has no effect: ${why}`,
      remedy: remedy ?? catalogue[code].remedy,
      path,
    }),
  );
}
