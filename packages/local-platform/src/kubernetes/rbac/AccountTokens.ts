import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { accountUser, type AccountName } from './accounts';

const HEADER = encode({ alg: 'HS256', typ: 'JWT' });

/** Whom a token is for that names nobody: this API. */
export const API_AUDIENCE = 'https://kubernetes.default.svc.cluster.local';

const claimsSchema = z.object({
  aud: z.array(z.string()),
  exp: z.number(),
  'kubernetes.io': z.object({
    namespace: z.string(),
    serviceaccount: z.object({ name: z.string(), uid: z.string() }),
  }),
});

/** Tokens of service accounts that end by themselves. */
export class AccountTokens {
  constructor(
    private readonly options: {
      key: string;
      clock: () => Date;
      /** Of the account as it is now; undefined where it is gone. */
      uidOf: (account: AccountName) => string | undefined;
    },
  ) {}

  issue(
    account: AccountName & { uid: string },
    { seconds, audiences }: { seconds: number; audiences: string[] },
  ): { token: string; expires: Date } {
    const { clock } = this.options;
    const issuedAt = Math.floor(clock().getTime() / 1000);
    const { namespace, name, uid } = account;
    const claims = encode({
      aud: audiences,
      exp: issuedAt + seconds,
      iat: issuedAt,
      'kubernetes.io': { namespace, serviceaccount: { name, uid } },
      sub: accountUser(account),
    });
    return {
      token: `${HEADER}.${claims}.${this.sign(claims)}`,
      expires: new Date((issuedAt + seconds) * 1000),
    };
  }

  /** Whose token it is; undefined where it is no valid one. */
  verify(token: string): AccountName | undefined {
    const [header, claims = '', signature = ''] = token.split('.');
    const expected = Buffer.from(this.sign(claims));
    const given = Buffer.from(signature);
    if (
      header !== HEADER ||
      given.length !== expected.length ||
      !timingSafeEqual(given, expected)
    ) {
      return undefined;
    }
    const read = claimsSchema.parse(
      JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')),
    );
    const { namespace, serviceaccount } = read['kubernetes.io'];
    const account = { namespace, name: serviceaccount.name };
    const { clock, uidOf } = this.options;
    return read.aud.includes(API_AUDIENCE) &&
      read.exp * 1000 > clock().getTime() &&
      uidOf(account) === serviceaccount.uid
      ? account
      : undefined;
  }

  private sign(claims: string): string {
    return createHmac('sha256', this.options.key)
      .update(`${HEADER}.${claims}`)
      .digest('base64url');
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
