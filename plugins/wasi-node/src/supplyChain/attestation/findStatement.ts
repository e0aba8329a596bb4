import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Referrer, Referrers } from '../../registry/referrers';
import { openBundle } from '../signing/bundle';
import type { SigningKey } from '../signing/keys';
import { parseStatement, type Statement } from '../signing/statement';

const maxLooks = 20;
const maxStatementBytes = 16 * 1024 * 1024;

/**
 * Finds a statement that is attached already and says the same.
 *
 * Who started the run that made it is not part of what it says: a function that
 * was built again, with the same outcome, needs no second provenance.
 *
 * @returns digest of its manifest
 */
export async function findStatement(options: {
  referrers: Pick<Referrers, 'fetch'>;
  image: string;
  /** Those that may be it. */
  candidates: readonly Referrer[];
  statement: Statement;
  /** Only what this key signed counts; absent: only what nobody signed. */
  signing?: SigningKey;
  signal?: AbortSignal;
}): Promise<string | undefined> {
  const { referrers, image, candidates, statement, signing, signal } = options;
  for (const { digest } of candidates.slice(0, maxLooks)) {
    try {
      const { bytes } = await referrers.fetch(image, digest, {
        maxBytes: maxStatementBytes,
        signal,
      });
      const found = signing
        ? readSigned(bytes, signing)
        : parseStatement(bytes);
      if (isDeepStrictEqual(comparable(found), comparable(statement))) {
        return digest;
      }
    } catch {
      // Not ours then; a registry that is gone says so when something is attached.
      signal?.throwIfAborted();
    }
  }
  return undefined;
}

function readSigned(
  bytes: Uint8Array,
  { publicKey }: SigningKey,
): Statement | undefined {
  const opened = openBundle(bytes, [{ name: 'own', key: publicKey }]);
  return 'statement' in opened ? opened.statement : undefined;
}

const runSchema = z.looseObject({
  predicate: z.looseObject({
    runDetails: z.looseObject({ metadata: z.unknown() }),
  }),
});

function comparable(statement: Statement | undefined): unknown {
  const plain = statement && JSON.parse(JSON.stringify(statement));
  const run = runSchema.safeParse(plain);
  if (!run.success) {
    return plain;
  }
  const { metadata, ...runDetails } = run.data.predicate.runDetails;
  return { ...run.data, predicate: { ...run.data.predicate, runDetails } };
}
