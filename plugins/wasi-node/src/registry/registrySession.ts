import { parseChallenges, type Challenge } from './challenge';
import type { RegistryCredentials } from './credentials';
import { resolveLocation } from './foreignUrl';
import { basicHeader, login } from './login';
import type { LoginSlot } from './loginCache';
import { dropBody, headerOf } from './readBody';
import { RegistryFailure } from './RegistryFailure';
import type { RegistryTarget } from './registryTarget';
import { withRetry, type Pause } from './retry';
import { statusFailure } from './statusFailure';
import type {
  Transport,
  TransportRequest,
  TransportResponse,
} from './transport';

const maxRedirects = 5;

/** A request within a session. */
export interface SessionRequest {
  /** Below `/v2/<repository>/`, or an address that the registry gave. */
  to: string | URL;
  method: TransportRequest['method'];
  headers?: Record<string, string>;
  body?: TransportRequest['body'];
  carriesBlob?: boolean;
  /** Statuses that the caller deals with; all others become errors. */
  expect: readonly number[];
  /** For the message of an error: `read`, `push to`, … */
  action: string;
  /** Never: the caller tries again itself, or nobody does. */
  retry: 'safe' | 'never';
  signal?: AbortSignal;
}

/** One repository, spoken to as one account. */
export interface RegistrySession {
  readonly target: RegistryTarget;
  readonly pause: Pause;
  request(options: SessionRequest): Promise<TransportResponse>;
}

/**
 * Opens a session, which logs in when the registry asks for it.
 *
 * The `Authorization` header goes to the registry's own origin only, and not any
 * more once a redirect has left it.
 */
export function createRegistrySession(options: {
  target: RegistryTarget;
  credentials: RegistryCredentials;
  actions: 'pull' | 'pull,push';
  insecureHosts: readonly string[];
  transport: Transport;
  pause: Pause;
  /** Where the login is kept. */
  saved: LoginSlot;
}): RegistrySession {
  const { target, credentials, transport, pause, saved } = options;
  const secrets = new Set(secretsOf(credentials));

  const authorizationHeader = () =>
    credentials.kind === 'bearer'
      ? `Bearer ${credentials.token}`
      : saved.get()?.authorization.header;

  async function logIn(
    challenges: Challenge[],
    signal?: AbortSignal,
  ): Promise<boolean> {
    if (credentials.kind === 'bearer') {
      return false;
    }
    const before = authorizationHeader();
    saved.set(undefined);
    const authorization = await login(challenges, { ...options, signal });
    saved.set(authorization && { challenges, authorization });
    return authorization !== undefined && authorization.header !== before;
  }

  async function sendLoggedIn(
    request: SessionRequest,
  ): Promise<TransportResponse> {
    const known = saved.get();
    if (known && known.authorization.renewAt <= Date.now()) {
      // Sooner is better than in the middle of a long upload.
      await logIn(known.challenges, request.signal);
    }
    const response = await follow(request);
    if (
      response.status !== 401 ||
      response.url.origin !== target.baseUrl.origin
    ) {
      return response;
    }
    const challenges = parseChallenges(response.headers['www-authenticate']);
    if (!(await logIn(challenges, request.signal))) {
      return response;
    }
    await dropBody(response);
    return follow(request);
  }

  async function follow(request: SessionRequest): Promise<TransportResponse> {
    let url =
      typeof request.to === 'string'
        ? new URL(`/v2/${target.repository}/${request.to}`, target.baseUrl)
        : request.to;
    let atHome = true;
    for (let redirects = 0; ; redirects++) {
      const authorization = authorizationHeader();
      secrets.add(authorization?.split(' ')[1] ?? '');
      atHome &&= url.origin === target.baseUrl.origin;
      const response = await transport.send({
        ...request,
        url,
        registry: target.baseUrl,
        headers: {
          ...request.headers,
          ...(atHome && authorization && { authorization }),
        },
      });
      const location = redirectOf(request, response);
      if (location === undefined) {
        return response;
      }
      await dropBody(response);
      if (redirects === maxRedirects) {
        throw new RegistryFailure('REGISTRY_UNEXPECTED', {
          message: `Registry ${target.host} redirects more than ${maxRedirects} times`,
        });
      }
      url = resolveLocation(location, url, target);
    }
  }

  async function once(request: SessionRequest): Promise<TransportResponse> {
    const response = await sendLoggedIn(request);
    if (request.expect.includes(response.status)) {
      return response;
    }
    throw await statusFailure(response, {
      target,
      action: request.action,
      loggedIn: credentials.kind !== 'anonymous',
      redact: createRedaction([...secrets]),
      signal: request.signal,
    });
  }

  return {
    target,
    pause,
    request: request =>
      request.retry === 'safe'
        ? withRetry(() => once(request), { pause, signal: request.signal })
        : once(request),
  };
}

// 301 to 303 change the method of what is sent; only reading survives that.
function redirectOf(
  { method }: SessionRequest,
  response: TransportResponse,
): string | undefined {
  const followed = ['GET', 'HEAD'].includes(method)
    ? [301, 302, 303, 307, 308]
    : [307, 308];
  return followed.includes(response.status)
    ? headerOf(response, 'location')
    : undefined;
}

function secretsOf(credentials: RegistryCredentials): string[] {
  switch (credentials.kind) {
    case 'anonymous':
      return [];
    case 'basic':
      return [credentials.password, basicHeader(credentials).split(' ')[1]];
    default:
      return [credentials.token];
  }
}

function createRedaction(secrets: string[]) {
  const known = secrets.filter(Boolean).sort((a, b) => b.length - a.length);
  return (text: string) =>
    known.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}
