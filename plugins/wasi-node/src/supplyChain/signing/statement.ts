import { z } from 'zod';

/** https://github.com/in-toto/attestation/blob/v1.1/spec/v1/statement.md */
export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const STATEMENT_MEDIA_TYPE = 'application/vnd.in-toto+json';

/** Kinds of statements that are made and looked for. */
export const PREDICATES = {
  /** Says nothing but that the subject was signed; what `cosign sign` writes. */
  signature: 'https://sigstore.dev/cosign/sign/v1',
  provenance: 'https://slsa.dev/provenance/v1',
  sbom: 'https://cyclonedx.org/bom',
} as const;

/** Something that is said of images. */
export interface Statement {
  _type: typeof STATEMENT_TYPE;
  subject: { name?: string; digest: Record<string, string> }[];
  predicateType: string;
  predicate?: unknown;
}

/** The image that something is said of. */
export interface StatementSubject {
  /** `host/repository` */
  repository: string;
  /** `sha256:…` of the manifest. */
  digest: string;
}

/** Says something of an image. */
export function composeStatement(
  { repository, digest }: StatementSubject,
  predicateType: string,
  predicate: unknown,
): Statement {
  const [algorithm, hex] = digest.split(':');
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name: repository, digest: { [algorithm]: hex } }],
    predicateType,
    predicate,
  };
}

const statementSchema = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z
    .array(
      z.object({
        name: z.string().max(2048).optional(),
        digest: z.record(z.string(), z.string()),
      }),
    )
    .min(1)
    .max(100),
  predicateType: z.string().max(2048),
  predicate: z.unknown().optional(),
});

/** Reads a statement; undefined for what is none. */
export function parseStatement(bytes: Uint8Array): Statement | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return statementSchema.parse(JSON.parse(text));
  } catch {
    // Whatever it is, it says nothing of an image.
    return undefined;
  }
}

/**
 * Tells if a statement is about this very image.
 *
 * A subject without name is about the digest wherever it lies; one with a name
 * is not moved to another repository.
 */
export function isAbout(
  statement: Statement,
  { repository, digest }: StatementSubject,
): boolean {
  const [algorithm, hex] = digest.split(':');
  return statement.subject.some(
    subject =>
      Object.hasOwn(subject.digest, algorithm) &&
      subject.digest[algorithm] === hex &&
      (!subject.name || subject.name === repository),
  );
}
