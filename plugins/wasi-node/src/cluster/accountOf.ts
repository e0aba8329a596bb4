import { readFileSync } from 'node:fs';
import type { KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';

const claimsSchema = z.object({ sub: z.string().max(512) });

/**
 * What a cluster calls the account of a KubeConfig, where its token says so.
 *
 * Nothing is decided by it: it is what people read beside the cluster.
 *
 * @internal
 */
export function accountOf(
  loadKubeConfig: () => KubeConfig,
): string | undefined {
  try {
    const user = loadKubeConfig().getCurrentUser();
    const file: unknown = user?.authProvider?.config?.tokenFile;
    const token =
      user?.token ??
      (typeof file === 'string' ? readFileSync(file, 'utf8') : '');
    const [, claims = ''] = token.split('.');
    return claimsSchema.parse(
      JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')),
    ).sub;
  } catch {
    // Tokens need not be readable, and a file may be away; the calls tell why.
    return undefined;
  }
}
