import type { FieldValidation } from '../objects/admit';
import type { WriteOptions } from '../objects/ResourceObjects';
import { badRequest, invalid } from '../status/refusals';
import type { ApiRequest } from './ApiRequest';

/**
 * Options of a write that stand in the query.
 *
 * @throws KubernetesStatusError 400, 422
 */
export function writeOptions(
  apiRequest: ApiRequest,
  operation: 'Apply' | 'Update',
): WriteOptions {
  const { query, path } = apiRequest;
  return {
    manager: {
      name: managerName(apiRequest, operation),
      operation,
      ...(path.subresource && { subresource: path.subresource }),
    },
    fieldValidation: fieldValidation(query),
    dryRun: isDryRun(query),
  };
}

/** @throws KubernetesStatusError 400 */
export function isDryRun(query: URLSearchParams): boolean {
  const values = query.getAll('dryRun').filter(value => value !== '');
  const wrong = values.find(value => value !== 'All');
  if (wrong !== undefined) {
    throw badRequest(
      `dryRun: Unsupported value: ${JSON.stringify(
        wrong,
      )}: supported values: "All"`,
    );
  }
  return values.length > 0;
}

function fieldValidation(query: URLSearchParams): FieldValidation {
  const value = query.get('fieldValidation') || 'Warn';
  if (value !== 'Ignore' && value !== 'Warn' && value !== 'Strict') {
    throw badRequest(
      `fieldValidation: Unsupported value: ${JSON.stringify(
        value,
      )}: supported values: "", "Ignore", "Strict", "Warn"`,
    );
  }
  return value;
}

function managerName(
  { query, request }: ApiRequest,
  operation: 'Apply' | 'Update',
): string {
  const named = query.get('fieldManager');
  if (named) {
    return named.slice(0, 128);
  }
  if (operation === 'Apply') {
    throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [
      {
        reason: 'FieldValueRequired',
        field: 'fieldManager',
        message: 'Required value: is required for apply patch',
      },
    ]);
  }
  const [agent] = (request.headers['user-agent'] ?? 'unknown').split('/');
  return agent.slice(0, 128);
}
