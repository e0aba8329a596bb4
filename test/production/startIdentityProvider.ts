import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** An OpenID provider where everybody is signed in already. */
export interface IdentityProvider {
  metadataUrl: string;
  clientId: string;
  clientSecret: string;
  /** E-mail address of who sits at the browser. */
  user: string;
  close(): Promise<void>;
}

/** Starts it: the part of OpenID Connect that a sign-in by code needs. */
export async function startIdentityProvider(): Promise<IdentityProvider> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
  });
  const codes = new Map<string, { nonce?: string; email: string }>();
  const tokens = new Map<string, string>();
  const sign = (claims: object) => {
    const part = (value: object) =>
      Buffer.from(JSON.stringify(value)).toString('base64url');
    const input = `${part({ alg: 'RS256', kid: 'test' })}.${part(claims)}`;
    return `${input}.${createSign('RSA-SHA256')
      .update(input)
      .sign(privateKey, 'base64url')}`;
  };
  const claimsOf = (email: string) => ({
    sub: email,
    email,
    // Backstage takes no other address.
    email_verified: true,
    name: email,
  });

  const routes: Record<string, (incoming: IncomingMessage) => Promise<object>> =
    {
      '/.well-known/openid-configuration': async () => ({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        userinfo_endpoint: `${issuer}/userinfo`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        scopes_supported: ['openid', 'profile', 'email'],
      }),
      '/jwks': async () => ({
        keys: [
          { ...publicKey.export({ format: 'jwk' }), kid: 'test', use: 'sig' },
        ],
      }),
      '/authorize': async incoming => {
        const asked = new URL(incoming.url!, issuer).searchParams;
        const code = randomUUID();
        codes.set(code, {
          nonce: asked.get('nonce') ?? undefined,
          email: provider.user,
        });
        const back = new URL(asked.get('redirect_uri')!);
        back.searchParams.set('code', code);
        back.searchParams.set('state', asked.get('state') ?? '');
        return { location: back.href };
      },
      '/token': async incoming => {
        const form = new URLSearchParams(await text(incoming));
        const basic = Buffer.from(
          (incoming.headers.authorization ?? '').replace('Basic ', ''),
          'base64',
        ).toString();
        const secret = form.get('client_secret') ?? basic.split(':')[1];
        const key = form.get('code') ?? form.get('refresh_token') ?? '';
        const login = codes.get(key);
        if (secret !== provider.clientSecret || !login) {
          return { error: 'invalid_grant' };
        }
        const accessToken = randomUUID();
        tokens.set(accessToken, login.email);
        const refreshToken = randomUUID();
        codes.set(refreshToken, login);
        const now = Math.floor(Date.now() / 1000);
        return {
          access_token: accessToken,
          refresh_token: refreshToken,
          token_type: 'Bearer',
          expires_in: 3600,
          scope: 'openid profile email',
          id_token: sign({
            ...claimsOf(login.email),
            iss: issuer,
            aud: provider.clientId,
            iat: now,
            exp: now + 3600,
            nonce: login.nonce,
          }),
        };
      },
      '/userinfo': async incoming =>
        claimsOf(
          tokens.get(
            (incoming.headers.authorization ?? '').replace('Bearer ', ''),
          )!,
        ),
    };

  const server = createServer(async (incoming, answer) => {
    const route = routes[new URL(incoming.url!, issuer).pathname];
    const body = route ? await route(incoming) : { error: 'not_found' };
    if ('location' in body) {
      answer.writeHead(302, body as { location: string }).end();
      return;
    }
    answer.writeHead('error' in body ? 400 : 200, {
      'content-type': 'application/json',
    });
    answer.end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: IdentityProvider = {
    metadataUrl: `${issuer}/.well-known/openid-configuration`,
    clientId: 'portal',
    clientSecret: randomUUID(),
    user: 'jane@example.com',
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return provider;
}
