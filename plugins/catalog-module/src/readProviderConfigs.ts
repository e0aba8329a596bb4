import {
  readSchedulerServiceTaskScheduleDefinitionFromConfig,
  type SchedulerServiceTaskScheduleDefinition,
} from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import { matchLabelSelector } from '@wasi-functions/backstage-plugin-wasi-node';
import { readRef } from './readRef';

/** One entry of `catalog.providers.wasi`. @internal */
export interface ProviderConfig {
  id: string;
  clusters?: string[];
  namespaces?: string[];
  labelSelector?: string;
  /** Entity ref. */
  owner: string;
  /** Whether images are read for their worlds. */
  apis: boolean;
  schedule: SchedulerServiceTaskScheduleDefinition;
}

/**
 * Reads `catalog.providers.wasi`.
 *
 * @throws Error that names the key which is wrong, so that the backend does not
 * start and say nothing.
 * @internal
 */
export function readProviderConfigs(config: Config): ProviderConfig[] {
  const key = 'catalog.providers.wasi';
  const providers = config.getOptionalConfig(key);
  return (providers?.keys() ?? []).map(id => {
    const provider = providers!.getConfig(id);
    const labelSelector = provider.getOptionalString('labelSelector');
    if (labelSelector !== undefined) {
      matchLabelSelector(labelSelector);
    }
    return {
      id,
      clusters: provider.getOptionalStringArray('clusters'),
      namespaces: provider.getOptionalStringArray('namespaces'),
      labelSelector,
      owner: readOwner(provider.getString('owner'), `${key}.${id}.owner`),
      apis: provider.getOptionalBoolean('apis') ?? false,
      schedule: readSchedulerServiceTaskScheduleDefinitionFromConfig(
        provider.getConfig('schedule'),
      ),
    };
  });
}

function readOwner(text: string, key: string): string {
  const owner = readRef(text, 'group');
  if (owner === undefined) {
    throw new Error(
      `Invalid ${key}: "${text}" is no entity ref, e.g. group:default/platform`,
    );
  }
  return owner;
}
