import { z } from 'zod';
import { AccountTokens } from '../rbac/AccountTokens';
import { serviceAccounts } from '../resources/serviceAccounts';
import { badRequest, invalid, methodNotAllowed } from '../status/refusals';
import type { ApiRequest } from './ApiRequest';
import { readObject } from './readObject';
import { sendJson } from './sendJson';

// As Kubernetes has it: https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
const SHORTEST_SECONDS = 600;
const DEFAULT_SECONDS = 3600;

const requestSchema = z.looseObject({
  spec: z
    .looseObject({
      expirationSeconds: z.number().int().nullish(),
    })
    .nullish(),
});

/** `POST …/serviceaccounts/<name>/token`, in JSON. */
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
  if (seconds < SHORTEST_SECONDS) {
    throw invalid(
      { group: 'authentication.k8s.io', kind: 'TokenRequest' },
      '',
      [
        {
          reason: 'FieldValueInvalid',
          field: 'spec.expirationSeconds',
          message: `Invalid value: ${seconds}: may not specify a duration less than 10 minutes`,
        },
      ],
    );
  }
  const { token, expires } = tokens.issue(
    {
      namespace: path.namespace,
      name: path.name,
      uid: String(account.metadata.uid),
    },
    seconds,
  );
  sendJson(response, 201, {
    ...sent.data,
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: {
      name: path.name,
      namespace: path.namespace,
      creationTimestamp: null,
    },
    spec: { ...sent.data.spec, expirationSeconds: seconds },
    status: { token, expirationTimestamp: expires.toISOString() },
  });
}
