import { ANNOTATION_ENTITY_REF, LABEL_KUBERNETES_ID } from '../annotations';
import type { Finding } from '../diagnosis';
import {
  type FuncConfig,
  type FuncLabel,
  parseEnvValue,
  runtimeFamily,
} from '../funcYaml';
import { isLabelValue } from '../funcYaml/isLabelValue';
import type { ModuleInspection } from '../inspection';
import { mappingError } from './mappingError';
import { readLocalEnv } from './readLocalEnv';
import { toEnvVars } from './toEnvVars';
import { toResources } from './toResources';
import { toVolumes } from './toVolumes';
import {
  type NetworkSpec,
  WASM_MODULE_API_VERSION,
  WASM_MODULE_KIND,
  type WasmModule,
} from './types';
import { unmappedFields } from './unmappedFields';

/**
 * Options of {@link toWasmModule}.
 *
 * @public
 */
export interface ToWasmModuleOptions {
  /** What to run, by digest where it was just pushed. */
  image: string;
  /** The entity that the module belongs to, e.g. `component:default/hello`. */
  entityRef?: string;
  /** Value of the label by which the Kubernetes plugin finds it. */
  kubernetesId?: string;
  /** Replaces the namespace of func.yaml. */
  namespace?: string;
  /** Values of `{{ env:NAME }}`. */
  localEnv?: Record<string, string>;
  /** What is deployed: a large module gets a larger memory limit, where func.yaml sets none. */
  inspection?: Pick<ModuleInspection, 'size' | 'sections'>;
}

/**
 * Maps a func.yaml to the resource to deploy.
 *
 * A memory limit that func.yaml leaves open is what compiling a module of its
 * kind takes. `module` is absent where a finding is an error. What the cluster will not do
 * with the result is told by `preflight`.
 *
 * @public
 */
export function toWasmModule(
  config: FuncConfig,
  options: ToWasmModuleOptions,
): { module?: WasmModule; findings: Finding[] } {
  if (runtimeFamily(config.runtime) !== 'wasi') {
    const code = 'NOT_A_WASI_FUNCTION';
    const message = `\`runtime\` is ${config.runtime}, which func deploys as a container and not as a WasmModule`;
    return { findings: [mappingError(code, message, 'runtime')] };
  }
  const findings: Finding[] = [];
  const localEnv = options.localEnv ?? {};
  const namespace = options.namespace ?? config.deploy.namespace;
  const labels = {
    ...toLabels(config.deploy.labels, localEnv, findings),
    ...(options.kubernetesId && {
      [LABEL_KUBERNETES_ID]: options.kubernetesId,
    }),
  };
  const annotations = {
    ...config.deploy.annotations,
    ...(options.entityRef && { [ANNOTATION_ENTITY_REF]: options.entityRef }),
  };
  const env = toEnvVars(config.run.envs, localEnv, findings);
  const { volumes, volumeMounts } = toVolumes(config.run.volumes);
  const { network } = config.deploy;
  const resources = toResources(config, options.inspection);
  findings.push(...unmappedFields(config));

  const module: WasmModule = {
    apiVersion: WASM_MODULE_API_VERSION,
    kind: WASM_MODULE_KIND,
    metadata: {
      name: config.name,
      ...(namespace !== undefined && { namespace }),
      ...(hasKeys(labels) && { labels }),
      ...(hasKeys(annotations) && { annotations }),
    },
    spec: {
      image: options.image,
      ...(config.run.args.length > 0 && { args: config.run.args }),
      ...(env.length > 0 && { env }),
      ...(volumes.length > 0 && { volumes, volumeMounts }),
      ...(resources && { resources }),
      ...(network && { network: toNetwork(network) }),
    },
  };
  return findings.some(finding => finding.severity === 'error')
    ? { findings }
    : { module, findings };
}

/** Written out, because absent means false in func.yaml and true in the cluster. */
function toNetwork(network: NetworkSpec): NetworkSpec {
  return { ...network, allowIpNameLookup: network.allowIpNameLookup ?? false };
}

function toLabels(
  labels: FuncLabel[],
  localEnv: Record<string, string>,
  findings: Finding[],
): Record<string, string> {
  return Object.fromEntries(
    labels.flatMap(({ key, value = '' }, index) => {
      const path = `deploy.labels[${index}].value`;
      const asked = parseEnvValue(value);
      const resolved =
        asked.kind === 'local'
          ? readLocalEnv(asked.name, { path, localEnv, findings })
          : value;
      if (resolved === undefined) {
        return [];
      }
      if (!isLabelValue(resolved)) {
        const message = `\`${path}\` is no valid label value`;
        findings.push(mappingError('FUNC_YAML_INVALID', message, path));
      }
      return [[key, resolved] as const];
    }),
  );
}

function hasKeys(value: object): boolean {
  return Object.keys(value).length > 0;
}
