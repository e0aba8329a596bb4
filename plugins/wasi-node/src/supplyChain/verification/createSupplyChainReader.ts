import type { SupplyChainView } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import { parseJson } from '../../registry/parseJson';
import type { Referrer, Referrers } from '../../registry/referrers';
import type { VerificationConfig } from '../config';
import { imageSubject } from '../imageSubject';
import { SBOM_MEDIA_TYPE } from '../sbom/composeSbom';
import {
  isAbout,
  parseStatement,
  PREDICATES,
  STATEMENT_MEDIA_TYPE,
  type Statement,
  type StatementSubject,
} from '../signing/statement';
import {
  readSignedStatements,
  type SignedStatements,
} from './readSignedStatements';

const maxDocumentBytes = 4 * 1024 * 1024;
const maxLooks = 5;

/**
 * Tells what is said of images, for people to read.
 *
 * @public
 */
export interface SupplyChainReader {
  /** @throws WasiError `REGISTRY_…` where the registry does not answer. */
  read(
    image: string,
    options?: { signal?: AbortSignal },
  ): Promise<SupplyChainView>;
}

/**
 * Creates the reader of what is attached to images.
 *
 * @public
 */
export function createSupplyChainReader(options: {
  referrers: Pick<Referrers, 'list' | 'fetch'>;
  verification?: VerificationConfig;
}): SupplyChainReader {
  const { referrers, verification } = options;
  return {
    async read(image, { signal } = {}) {
      const subject = imageSubject(image);
      const read = { referrers, image, subject, signal };
      const signed =
        verification &&
        (await readSignedStatements({
          ...read,
          keys: verification.keys,
          predicateTypes: Object.values(PREDICATES),
          isEnough: statements =>
            Object.values(PREDICATES).every(type =>
              statements.some(
                ({ statement }) => statement.predicateType === type,
              ),
            ),
        }));
      const provenance =
        describeProvenance(
          signed && find(signed, PREDICATES.provenance),
          true,
        ) ?? describeProvenance(await readUnsignedProvenance(read), false);
      const sbom =
        describeSbom(
          signed && find(signed, PREDICATES.sbom)?.predicate,
          true,
        ) ?? describeSbom(await readPlainSbom(read), false);
      return {
        ...(signed && { signature: describeSignature(signed) }),
        ...(provenance && { provenance }),
        ...(sbom && { sbom }),
      };
    },
  };
}

interface Read {
  referrers: Pick<Referrers, 'list' | 'fetch'>;
  image: string;
  subject: StatementSubject;
  signal?: AbortSignal;
}

function describeSignature(
  signed: SignedStatements,
): NonNullable<SupplyChainView['signature']> {
  const keys = signed.statements
    .filter(({ statement }) => statement.predicateType === PREDICATES.signature)
    .map(({ signer }) => signer.name);
  if (keys.length) {
    return { state: 'trusted', keys: [...new Set(keys)] };
  }
  return { state: signed.refused.length ? 'untrusted' : 'none', keys: [] };
}

function find(
  { statements }: SignedStatements,
  predicateType: string,
): Statement | undefined {
  return statements.find(
    ({ statement }) => statement.predicateType === predicateType,
  )?.statement;
}

async function readUnsignedProvenance(
  read: Read,
): Promise<Statement | undefined> {
  for await (const bytes of fetchAll(
    read,
    STATEMENT_MEDIA_TYPE,
    ({ annotations }) =>
      annotations['in-toto.io/predicate-type'] === PREDICATES.provenance,
  )) {
    const statement = parseStatement(bytes);
    if (
      statement?.predicateType === PREDICATES.provenance &&
      isAbout(statement, read.subject)
    ) {
      return statement;
    }
  }
  return undefined;
}

async function readPlainSbom(read: Read): Promise<unknown> {
  for await (const bytes of fetchAll(read, SBOM_MEDIA_TYPE, () => true)) {
    return parseJson(bytes);
  }
  return undefined;
}

async function* fetchAll(
  { referrers, image, signal }: Read,
  artifactType: string,
  isWanted: (row: Referrer) => boolean,
): AsyncGenerator<Buffer> {
  const listed = await referrers.list(image, { artifactType, signal });
  for (const { digest } of listed.referrers
    .filter(row => row.artifactType === artifactType && isWanted(row))
    .slice(0, maxLooks)) {
    const { bytes } = await referrers.fetch(image, digest, {
      maxBytes: maxDocumentBytes,
      signal,
    });
    yield bytes;
  }
}

const provenanceSchema = z.looseObject({
  predicate: z.looseObject({
    buildDefinition: z.looseObject({
      externalParameters: z
        .looseObject({
          source: z
            .looseObject({
              repository: z.string().max(2048).optional(),
              revision: z.string().max(256).optional(),
            })
            .optional()
            .catch(undefined),
        })
        .optional()
        .catch(undefined),
    }),
    runDetails: z.looseObject({
      builder: z.looseObject({ id: z.string().max(2048) }),
    }),
  }),
});

function describeProvenance(
  statement: Statement | undefined,
  signed: boolean,
): SupplyChainView['provenance'] {
  const parsed = provenanceSchema.safeParse(statement);
  if (!parsed.success) {
    return undefined;
  }
  const { buildDefinition, runDetails } = parsed.data.predicate;
  const { repository, revision } =
    buildDefinition.externalParameters?.source ?? {};
  return {
    ...(repository && { source: repository }),
    ...(revision && { revision }),
    builder: runDetails.builder.id,
    signed,
  };
}

const sbomSchema = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  components: z
    .array(z.looseObject({ scope: z.string().optional() }))
    .max(100_000)
    .default([]),
});

function describeSbom(
  document: unknown,
  signed: boolean,
): SupplyChainView['sbom'] {
  const parsed = sbomSchema.safeParse(document);
  if (!parsed.success) {
    return undefined;
  }
  const used = parsed.data.components.filter(
    ({ scope }) => scope !== 'excluded',
  );
  return { packages: used.length, signed };
}
