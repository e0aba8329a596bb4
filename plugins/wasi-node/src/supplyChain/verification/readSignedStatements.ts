import type { Referrer, Referrers } from '../../registry/referrers';
import {
  BUNDLE_MEDIA_TYPE,
  openBundle,
  type SignedStatement,
} from '../signing/bundle';
import type { TrustedKey } from '../signing/keys';
import { isAbout, type StatementSubject } from '../signing/statement';

// Whoever may push can attach; nobody makes us read more than this.
const maxBundles = 50;
const maxBundleBytes = 4 * 1024 * 1024;

/** Statements about an image that trusted keys signed, and why others do not count. */
export interface SignedStatements {
  statements: SignedStatement[];
  /** Reasons, each once. */
  refused: string[];
  /** False where there was more than is looked at. */
  complete: boolean;
}

/**
 * Reads the statements about an image, one after the other, until the caller has
 * what it looks for.
 *
 * @throws WasiError `REGISTRY_…` where the registry does not answer.
 */
export async function readSignedStatements(options: {
  referrers: Pick<Referrers, 'list' | 'fetch'>;
  image: string;
  subject: StatementSubject;
  keys: readonly TrustedKey[];
  /** Kinds that are looked for. */
  predicateTypes: readonly string[];
  isEnough: (statements: SignedStatement[]) => boolean;
  signal?: AbortSignal;
}): Promise<SignedStatements> {
  const { referrers, image, subject, predicateTypes, signal } = options;
  const keys = options.keys.filter(key => maySign(key, subject));
  const listed = await referrers.list(image, {
    artifactType: BUNDLE_MEDIA_TYPE,
    signal,
  });
  const candidates = inOrder(listed.referrers, predicateTypes);
  const statements: SignedStatement[] = [];
  const refused = new Set<string>();
  for (const { digest } of candidates.slice(0, maxBundles)) {
    if (options.isEnough(statements)) {
      break;
    }
    const opened = await openReferrer({ ...options, digest, keys });
    if ('refused' in opened) {
      refused.add(opened.refused);
    } else if (!isAbout(opened.statement, subject)) {
      refused.add('it is about another image');
    } else if (predicateTypes.includes(opened.statement.predicateType)) {
      statements.push(opened);
    }
  }
  return {
    statements,
    refused: [...refused],
    complete: listed.complete && candidates.length <= maxBundles,
  };
}

async function openReferrer(options: {
  referrers: Pick<Referrers, 'fetch'>;
  image: string;
  digest: string;
  keys: readonly TrustedKey[];
  signal?: AbortSignal;
}): Promise<SignedStatement | { refused: string }> {
  const { referrers, image, digest, keys, signal } = options;
  try {
    const { artifactType, bytes } = await referrers.fetch(image, digest, {
      maxBytes: maxBundleBytes,
      signal,
    });
    return artifactType === BUNDLE_MEDIA_TYPE
      ? openBundle(bytes, keys)
      : { refused: 'the registry lists it as something that it is not' };
  } catch (error) {
    if (isFaultOfReferrer(error)) {
      return { refused: 'the registry does not have it as it is listed' };
    }
    throw error;
  }
}

// Faults of one thing that somebody attached, as against those of the registry.
function isFaultOfReferrer(error: unknown): boolean {
  const { code } = error as { code?: string };
  return [
    'REGISTRY_NOT_FOUND',
    'REGISTRY_UNEXPECTED',
    'REGISTRY_DIGEST_MISMATCH',
  ].includes(code ?? '');
}

/** What is looked for first: annotations prove nothing, and save looking at the rest. */
function inOrder(
  rows: readonly Referrer[],
  predicateTypes: readonly string[],
): Referrer[] {
  const kindOf = (row: Referrer) =>
    row.annotations['dev.sigstore.bundle.predicateType'];
  return [
    ...predicateTypes.flatMap(type => rows.filter(row => kindOf(row) === type)),
    ...rows.filter(row => kindOf(row) === undefined),
  ];
}

function maySign({ images }: TrustedKey, { repository }: StatementSubject) {
  return (
    !images ||
    images.some(prefix => {
      const path = prefix.replace(/\/+$/, '');
      return repository === path || repository.startsWith(`${path}/`);
    })
  );
}
