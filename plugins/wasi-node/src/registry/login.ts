import { z } from 'zod';
import type { Challenge } from './challenge';
import type { RegistryCredentials } from './credentials';
import { parseJson } from './parseJson';
import { dropBody, headerOf, readBody } from './readBody';
import { RegistryFailure } from './RegistryFailure';
import type { RegistryTarget } from './registryTarget';
import { readRetryAfter, withRetry, type Pause } from './retry';
import type { Transport, TransportResponse } from './transport';

const maxAnswerBytes = 1024 * 1024;
// https://distribution.github.io/distribution/spec/auth/token/
const defaultLifetimeSeconds = 60;
/** A token that ends sooner is not used for another request. */
const spareMs = 10_000;
const clientId = 'backstage-wasi';

const tokenSchema = z.looseObject({
  token: z.string().optional(),
  access_token: z.string().optional(),
  expires_in: z.number().optional(),
});

/** A value for the `Authorization` header. */
export interface Authorization {
  header: string;
  /** Time, in milliseconds, after which a new one should be asked for. */
  renewAt: number;
}

/** What a login needs to know. */
export interface LoginOptions {
  target: RegistryTarget;
  credentials: RegistryCredentials;
  /** `pull`, or `pull,push`. */
  actions: string;
  /** Hosts that the configuration allows plain HTTP for. */
  insecureHosts: readonly string[];
  transport: Transport;
  pause: Pause;
  signal?: AbortSignal;
}

/**
 * Answers the challenge of a registry.
 *
 * Credentials go to the registry itself, or to the login server that its
 * challenge names, nowhere else.
 *
 * @returns undefined where the credentials at hand are no answer
 * @throws RegistryFailure
 */
export async function login(
  challenges: Challenge[],
  options: LoginOptions,
): Promise<Authorization | undefined> {
  const { credentials } = options;
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
  if (bearer?.parameters.realm) {
    return fetchToken(bearer, options);
  }
  if (
    challenges.some(({ scheme }) => scheme === 'basic') &&
    credentials.kind === 'basic'
  ) {
    return { header: basicHeader(credentials), renewAt: Infinity };
  }
  return undefined;
}

async function fetchToken(
  challenge: Challenge,
  options: LoginOptions,
): Promise<Authorization> {
  const { target, credentials, pause, signal } = options;
  const realm = checkRealm(challenge.parameters.realm, options);
  const request = {
    realm,
    service: challenge.parameters.service,
    scopes: scopesFor(challenge, options),
  };
  const response = await withRetry(
    async () => {
      const answer =
        credentials.kind === 'identity'
          ? await exchangeIdentity(request, credentials.token, options)
          : undefined;
      return expectToken(answer ?? (await getToken(request, options)), options);
    },
    { pause, signal },
  );
  const bytes = await readBody(response, {
    maxBytes: maxAnswerBytes,
    what: 'a token',
    signal,
  });
  const { token, lifetimeMs } = readToken(bytes, target);
  return {
    header: `Bearer ${token}`,
    renewAt: Date.now() + lifetimeMs - spareMs,
  };
}

/**
 * A realm is a place we send a password to: https, or the very registry that the
 * configuration allows plain HTTP for.
 */
function checkRealm(text: string, options: LoginOptions): URL {
  const { target } = options;
  if (!URL.canParse(text)) {
    throw refusedRealm(target, 'which is no address');
  }
  const realm = new URL(text);
  if (realm.username || realm.password) {
    throw refusedRealm(target, 'which holds an account');
  }
  if (realm.protocol === 'https:') {
    return realm;
  }
  if (
    realm.protocol === 'http:' &&
    target.insecure &&
    (realm.host === target.baseUrl.host ||
      options.insecureHosts.includes(realm.host))
  ) {
    return realm;
  }
  throw refusedRealm(target, `${realm.protocol}//${realm.host}`);
}

// Our own scope, since the challenge knows only the one request that met it;
// and the registry's, where it names the repository in another way.
function scopesFor(
  challenge: Challenge,
  { target, actions }: LoginOptions,
): string[] {
  const own = `repository:${target.repository}:${actions}`;
  const asked = challenge.parameters.scope?.split(' ').filter(Boolean) ?? [];
  return [
    own,
    ...asked.filter(
      scope => !scope.startsWith(`repository:${target.repository}:`),
    ),
  ];
}

interface TokenRequest {
  realm: URL;
  service?: string;
  scopes: string[];
}

async function getToken(
  { realm, service, scopes }: TokenRequest,
  { target, credentials, transport, signal }: LoginOptions,
): Promise<TransportResponse> {
  const url = new URL(realm.href);
  if (service !== undefined) {
    url.searchParams.set('service', service);
  }
  for (const scope of scopes) {
    url.searchParams.append('scope', scope);
  }
  const headers: Record<string, string> = {};
  if (credentials.kind === 'basic') {
    headers.authorization = basicHeader(credentials);
  } else if (credentials.kind === 'identity') {
    headers.authorization = basicHeader({
      username: '<token>',
      password: credentials.token,
    });
  }
  return transport.send({
    url,
    registry: target.baseUrl,
    method: 'GET',
    headers,
    signal,
  });
}

// https://distribution.github.io/distribution/spec/auth/oauth/
async function exchangeIdentity(
  { realm, service, scopes }: TokenRequest,
  identity: string,
  { target, transport, signal }: LoginOptions,
): Promise<TransportResponse | undefined> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: clientId,
    scope: scopes.join(' '),
    refresh_token: identity,
    ...(service !== undefined && { service }),
  });
  const response = await transport.send({
    url: realm,
    registry: target.baseUrl,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: () => Buffer.from(form.toString()),
    signal,
  });
  if (response.status === 404 || response.status === 405) {
    // An older server, which knows only the other way.
    await dropBody(response);
    return undefined;
  }
  return response;
}

async function expectToken(
  response: TransportResponse,
  { target, credentials }: LoginOptions,
): Promise<TransportResponse> {
  const { status } = response;
  if (status === 200) {
    return response;
  }
  const afterMs = readRetryAfter(headerOf(response, 'retry-after'), Date.now());
  await dropBody(response);
  const server = `The login server ${response.url.host} of registry ${target.host}`;
  if ([400, 401, 403].includes(status)) {
    throw new RegistryFailure('REGISTRY_UNAUTHENTICATED', {
      status,
      message:
        credentials.kind === 'anonymous'
          ? `${server} gives no anonymous access to ${target.repository}`
          : `${server} does not accept the configured credentials`,
      remedy:
        credentials.kind === 'anonymous'
          ? undefined
          : 'Correct the credentials of this host under `wasi.registries` or in `wasi.dockerConfig`.',
    });
  }
  const limited = status === 429;
  throw new RegistryFailure(
    limited ? 'REGISTRY_RATE_LIMITED' : 'REGISTRY_UNEXPECTED',
    {
      status,
      message: `${server} answered ${status}`,
      again: limited || status >= 500 ? { afterMs } : undefined,
    },
  );
}

function readToken(
  bytes: Buffer,
  target: RegistryTarget,
): { token: string; lifetimeMs: number } {
  const parsed = tokenSchema.safeParse(parseJson(bytes));
  const token = parsed.data?.token || parsed.data?.access_token;
  // Anything but visible ASCII could not be sent in a header.
  if (!token || !/^[\x21-\x7e]+$/.test(token)) {
    throw new RegistryFailure('REGISTRY_UNEXPECTED', {
      message: `The login server of registry ${target.host} answered without a token`,
    });
  }
  return {
    token,
    lifetimeMs: (parsed.data?.expires_in || defaultLifetimeSeconds) * 1000,
  };
}

/** A value for the `Authorization` header. */
export function basicHeader(account: {
  username: string;
  password: string;
}): string {
  const text = `${account.username}:${account.password}`;
  return `Basic ${Buffer.from(text, 'utf8').toString('base64')}`;
}

function refusedRealm(target: RegistryTarget, what: string): RegistryFailure {
  return new RegistryFailure('REGISTRY_UNEXPECTED', {
    message: `Registry ${target.host} wants the login to happen at an unsafe place: ${what}`,
    remedy:
      'No credentials were sent. Have the registry name an https login server.',
  });
}
