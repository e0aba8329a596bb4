import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RegistryConfig } from '../../config';
import { createModuleRegistry } from '../createModuleRegistry';
import { configWith } from './modules';
import type { ScriptedRegistry } from './scriptedRegistry';
import { useRegistries } from './useRegistries';

export interface TokenRequest {
  method: string;
  url: URL;
  authorization?: string;
  form: URLSearchParams;
}

export const bearer = (host: string, scope?: string) =>
  `Bearer realm="http://${host}/token",service="test registry"${
    scope === undefined ? '' : `,scope="${scope}"`
  }`;

export const account = { username: 'me', password: 'pass:word' };

export const basic = `Basic ${Buffer.from('me:pass:word').toString('base64')}`;

/** {@link useRegistries} whose registries want a token of a login server. */
export function useLogin() {
  const registries = useRegistries();
  const { closing, start, pushOptions } = registries;

  /** A login server whose tokens are `token-1`, `token-2`, … */
  async function startLoginServer(
    answer: (
      request: TokenRequest,
      token: string,
    ) => { status?: number; body: unknown } = (_, token) => ({
      body: { token },
    }),
  ) {
    const seen: TokenRequest[] = [];
    const server: Server = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) {
        text += chunk;
      }
      const tokenRequest = {
        method: request.method ?? '',
        url: new URL(request.url ?? '/', 'http://login'),
        authorization: request.headers.authorization,
        form: new URLSearchParams(text),
      };
      seen.push(tokenRequest);
      const { status, body } = answer(tokenRequest, `token-${seen.length}`);
      response.writeHead(status ?? 200).end(JSON.stringify(body));
    });
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    closing.push(
      () =>
        new Promise<void>(resolve => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    return {
      host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      seen,
    };
  }

  /** A registry that takes the tokens of the login server which `accepts` does. */
  async function startTokenRegistry(
    challenge: string | string[],
    accepts: (token: string, use: number) => boolean = () => true,
  ) {
    const uses = new Map<string, number>();
    return start(({ request, response }) => {
      const token = request.headers.authorization?.replace('Bearer ', '');
      const use = (uses.get(token ?? '') ?? 0) + 1;
      uses.set(token ?? '', use);
      if (token?.startsWith('token-') && accepts(token, use)) {
        return false;
      }
      request.resume();
      response.writeHead(401, { 'www-authenticate': challenge }).end();
      return true;
    });
  }

  function push(
    registry: ScriptedRegistry,
    loginHost: string | undefined,
    own: Partial<RegistryConfig> = {},
    dockerConfig?: string,
  ) {
    const hosts = [
      { host: registry.host, ...own },
      ...(loginHost ? [{ host: loginHost }] : []),
    ];
    return createModuleRegistry(configWith(hosts, dockerConfig), {
      pause: async () => {},
    }).push(pushOptions(registry.host));
  }

  return { ...registries, startLoginServer, startTokenRegistry, push };
}
