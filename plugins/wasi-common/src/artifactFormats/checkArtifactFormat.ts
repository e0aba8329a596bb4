import type { Finding } from '../diagnosis';
import type { ModuleInspection } from '../inspection';
import { artifactConsumers, findArtifactFormat } from './artifactFormats';
import type { ArtifactConsumerName, ArtifactFormatName } from './types';

/**
 * What speaks against a format: a module that nobody could use in it, or a
 * consumer that cannot pull it. Found before anything is sent.
 *
 * @public
 */
export function checkArtifactFormat(
  name: ArtifactFormatName,
  facts: {
    inspection?: Pick<ModuleInspection, 'kind' | 'imports' | 'exports'>;
    /** Where the module is going to run. */
    consumer?: ArtifactConsumerName;
  },
): Finding[] {
  const { inspection, consumer } = facts;
  const format = findArtifactFormat(name);
  const findings: Finding[] = [];
  if (consumer && !format.consumers.includes(consumer)) {
    const fitting = format.consumers.map(known => artifactConsumers[known]);
    findings.push({
      code: 'FORMAT_NOT_PULLED',
      severity: 'error',
      message: `${
        artifactConsumers[consumer]
      } cannot pull the format ${name} (${format.label}); ${fitting.join(
        ', ',
      )} can`,
      remedy: `Push it as ${formatsFor(consumer).join(' or ')} instead.`,
    });
  }
  const lacking = inspection && lackingIn(inspection, format.modules);
  if (lacking) {
    findings.push({
      code: 'FORMAT_UNFIT',
      severity: 'error',
      message: `The format ${name} (${format.label}) is of no use to this module: ${lacking}`,
      remedy: 'Push it as wasm, or build the module for that system.',
    });
  }
  return findings;
}

function formatsFor(consumer: ArtifactConsumerName): ArtifactFormatName[] {
  return (
    ['wasm', 'compat', 'istio-compat', 'istio-oci', 'kpt', 'krustlet'] as const
  ).filter(name => findArtifactFormat(name).consumers.includes(consumer));
}

function lackingIn(
  {
    kind,
    imports,
    exports,
  }: Pick<ModuleInspection, 'kind' | 'imports' | 'exports'>,
  modules: 'any' | 'proxy-wasm' | 'gojs',
): string | undefined {
  switch (modules) {
    case 'any':
      return undefined;
    case 'proxy-wasm':
      return kind === 'module' &&
        exports.some(name => name.startsWith('proxy_abi_version_'))
        ? undefined
        : 'it exports no proxy_abi_version_…, so Envoy would not load it';
    case 'gojs':
      return kind === 'module' &&
        imports.some(name => /^(gojs|go)\./.test(name))
        ? undefined
        : 'it imports nothing of gojs, so it is not what Go builds for GOOS=js, which kpt runs';
    default: {
      const never: never = modules;
      return never;
    }
  }
}
