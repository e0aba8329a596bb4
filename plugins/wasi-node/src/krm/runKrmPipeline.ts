import { isDeepStrictEqual } from 'node:util';
import {
  isWasiError,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ModuleEngine } from '../run';
import type { KrmItem } from './resourceList';
import { formatKrmResult, runKrmFunction } from './runKrmFunction';
import type { KrmFunction, KrmLimits, KrmPipeline, KrmResult } from './types';

/**
 * Runs the functions of a pipeline one after the other, as kpt does: mutators
 * first, then validators.
 *
 * @throws `WasiError` of the function that failed, with its name in front; KRM_CHANGE_REFUSED
 * where a validator changed something.
 * @internal
 */
export async function runKrmPipeline(options: {
  engine: Pick<ModuleEngine, 'runCommand'>;
  pipeline: KrmPipeline;
  items: readonly KrmItem[];
  limits: KrmLimits;
  log: (line: string) => void;
}): Promise<{ items: readonly KrmItem[]; results: KrmResult[] }> {
  const { pipeline } = options;
  const results: KrmResult[] = [];
  let { items } = options;

  for (const mutator of pipeline.mutators) {
    items = (await run(mutator)).items;
  }
  for (const validator of pipeline.validators) {
    const { items: left } = await run(validator);
    const before = items.map(({ resource }) => resource);
    if (
      !isDeepStrictEqual(
        before,
        left.map(({ resource }) => resource),
      )
    ) {
      throw new WasiError('KRM_CHANGE_REFUSED', {
        message: `${validator.name} is a validator and changed the resources.`,
      });
    }
  }
  return { items, results };

  async function run(each: KrmFunction) {
    options.log(`Run ${each.name}.`);
    const answer = await runKrmFunction({
      ...options,
      function: each,
      items,
    }).catch(error => {
      throw isWasiError(error) ? named(error, each) : error;
    });
    for (const line of answer.log.split('\n')) {
      if (line !== '') {
        options.log(`${each.name}: ${line}`);
      }
    }
    for (const result of answer.results) {
      options.log(`${each.name}: ${formatKrmResult(result)}`);
    }
    results.push(...answer.results);
    return answer;
  }
}

function named(error: WasiError, { name }: KrmFunction): WasiError {
  const { code, message, remedy, findings, cause } = error;
  return new WasiError(code, {
    message: `${name}: ${message}`,
    remedy,
    findings,
    cause,
  });
}
