import { z } from 'zod';
import { timestamp } from '../objects/stamp';
import { API_AUDIENCE, type AccountTokens } from '../rbac/AccountTokens';
import { serviceAccounts } from '../resources/serviceAccounts';
import { invalidValue } from '../schema/invalidValue';
import { badRequest, invalid, methodNotAllowed } from '../status/refusals';
import type { ApiRequest } from './ApiRequest';
import { readObject } from './readObject';
import { sendJson } from './sendJson';

// As Kubernetes has it: https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
const SHORTEST_SECONDS = 600;
const DEFAULT_SECONDS = 3600;

const LONGEST_SECONDS = 2 ** 32;

const requestSchema = z.object({
  spec: z
    .object({
      audiences: z.array(z.string()).nullish(),
      expirationSeconds: z.number().int().nullish(),
    })
    .nullish(),
});

/** `POST …/serviceaccounts/<name>/token`, which `kubectl create token` sends. */
export async function handleTokenRequest(
  apiRequest: Omit<ApiRequest, 'definition'>,
  tokens: AccountTokens,
): Promise<void> {
  const { api, request, response, path } = apiRequest;
  if (request.method !== 'POST') {
    throw methodNotAllowed();
  }
  const account = api.objects.get(serviceAccounts, path.namespace, path.name);
  const { object } = await readObject(request, { kind: 'TokenRequest' });
  const sent = requestSchema.safeParse(object);
  if (!sent.success) {
    throw badRequest('the token request is not valid');
  }
  const seconds = sent.data.spec?.expirationSeconds ?? DEFAULT_SECONDS;
  requireDuration(seconds);
  const named = sent.data.spec?.audiences ?? [];
  const audiences = named.length > 0 ? named : [API_AUDIENCE];
  const uid = String(account.metadata.uid);
  const { namespace, name } = path;
  const { token, expires } = tokens.issue(
    { namespace, name, uid },
    { seconds, audiences },
  );
  sendJson(response, 201, {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: {
      name,
      namespace,
      uid,
      creationTimestamp: timestamp(api.clock()),
    },
    spec: { audiences, expirationSeconds: seconds, boundObjectRef: null },
    status: { token, expirationTimestamp: timestamp(expires) },
  });
}

/** @throws KubernetesStatusError 422 */
function requireDuration(seconds: number): void {
  const why =
    (seconds < SHORTEST_SECONDS &&
      'may not specify a duration less than 10 minutes') ||
    (seconds > LONGEST_SECONDS &&
      'may not specify a duration larger than 2^32 seconds');
  if (why) {
    throw invalid(
      { group: 'authentication.k8s.io', kind: 'TokenRequest' },
      '',
      [invalidValue('spec.expirationSeconds', seconds, why)],
    );
  }
}
