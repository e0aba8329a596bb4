import {
  catalogue,
  isWasiError,
  parseImageReference,
  WasiError,
  type Finding,
  type WasiErrorCode,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { Referrers } from '../../registry/referrers';
import type { VerificationConfig, VerificationPolicy } from '../config';
import { imageSubject } from '../imageSubject';
import { PREDICATES } from '../signing/statement';
import {
  readSignedStatements,
  type SignedStatements,
} from './readSignedStatements';

const timeoutMs = 60_000;

/**
 * Checks an image before it is deployed, as the policy asks.
 *
 * @public
 */
export interface ImageVerifier {
  readonly policy: VerificationPolicy;
  /**
   * What is wrong with the signatures of an image, as warnings; nothing, and no
   * request, under `off`.
   *
   * @throws WasiError `IMAGE_…` for what is wrong, under `enforce`.
   */
  verify(image: string, options?: { signal?: AbortSignal }): Promise<Finding[]>;
}

/**
 * Creates the check that every deployment goes through.
 *
 * @public
 */
export function createImageVerifier(options: {
  verification?: VerificationConfig;
  referrers: Pick<Referrers, 'list' | 'fetch'>;
}): ImageVerifier {
  const { verification, referrers } = options;
  if (!verification || verification.policy === 'off') {
    return { policy: 'off', verify: async () => [] };
  }
  const { policy } = verification;
  return {
    policy,
    async verify(image, { signal } = {}) {
      const timeout = AbortSignal.timeout(timeoutMs);
      const problems = await findProblems({
        verification,
        referrers,
        image,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      }).catch(error => {
        // The user's own wish is no finding.
        signal?.throwIfAborted();
        return [notVerified(image, error)];
      });
      const findings = problems.map<Finding>(found => ({
        ...found,
        severity: policy === 'enforce' ? 'error' : 'warning',
        path: 'spec.image',
      }));
      if (policy === 'enforce' && findings.length) {
        throw new WasiError(findings[0].code, {
          message: `The image may not be deployed: ${findings
            .map(({ message }) => message)
            .join(' ')}`,
          remedy: findings[0].remedy,
          findings,
        });
      }
      return findings;
    },
  };
}

type Problem = Pick<Finding, 'code' | 'message' | 'remedy'>;

async function findProblems(options: {
  verification: VerificationConfig;
  referrers: Pick<Referrers, 'list' | 'fetch'>;
  image: string;
  signal: AbortSignal;
}): Promise<Problem[]> {
  const { verification, referrers, image, signal } = options;
  if (parseImageReference(image).digest === undefined) {
    return [
      problem('IMAGE_NOT_VERIFIED', {
        message: `${image} is named by tag, and a signature is that of a digest.`,
        remedy: 'Deploy the image by its digest.',
      }),
    ];
  }
  const { keys, requireProvenance } = verification;
  const found = await readSignedStatements({
    referrers,
    image,
    subject: imageSubject(image),
    keys,
    predicateTypes: requireProvenance
      ? [PREDICATES.signature, PREDICATES.provenance]
      : [PREDICATES.signature],
    isEnough: statements =>
      has(statements, PREDICATES.signature) &&
      (!requireProvenance || has(statements, PREDICATES.provenance)),
    signal,
  });
  const problems: Problem[] = [];
  if (!has(found.statements, PREDICATES.signature)) {
    problems.push(notSigned(image, found));
  }
  if (requireProvenance && !has(found.statements, PREDICATES.provenance)) {
    problems.push(
      problem('IMAGE_PROVENANCE_MISSING', {
        message: `${image} has no provenance that a trusted key signed.`,
      }),
    );
  }
  return problems;
}

function has(
  statements: SignedStatements['statements'],
  predicateType: string,
): boolean {
  return statements.some(
    ({ statement }) => statement.predicateType === predicateType,
  );
}

function notSigned(image: string, found: SignedStatements): Problem {
  const more = found.complete
    ? ''
    : ' More is attached to it than was looked at: delete what does not belong there.';
  return found.refused.length
    ? problem('IMAGE_SIGNATURE_UNTRUSTED', {
        message: `${image} has no signature that is trusted. Of what is attached to it: ${found.refused.join(
          '; ',
        )}.${more}`,
      })
    : problem('IMAGE_NOT_SIGNED', {
        message: `${image} is not signed.${more}`,
      });
}

/** What cannot be checked is not taken for good. */
function notVerified(image: string, error: unknown): Problem {
  if (!isWasiError(error)) {
    throw error;
  }
  return problem('IMAGE_NOT_VERIFIED', {
    message: `The signature of ${image} could not be checked: ${error.message}`,
    remedy: error.remedy,
  });
}

function problem(
  code: WasiErrorCode,
  { message, remedy }: { message: string; remedy?: string },
): Problem {
  return { code, message, remedy: remedy ?? catalogue[code].remedy };
}
