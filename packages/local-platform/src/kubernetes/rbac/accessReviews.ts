import { z } from 'zod';
import { timestamp } from '../objects/stamp';
import { invalidValue } from '../schema/invalidValue';
import { badRequest, invalid } from '../status/refusals';
import { grantsPath, nonResourceRules } from './authorize';
import type { Authorizer } from './Authorizer';
import type { RequestUser } from './PolicyRule';

const attributesSchema = z.object({
  verb: z.string().default(''),
  group: z.string().default(''),
  resource: z.string().default(''),
  subresource: z.string().default(''),
  namespace: z.string().default(''),
  name: z.string().default(''),
});
const pathSchema = z.object({
  path: z.string().default(''),
  verb: z.string().default(''),
});
const accessReviewSchema = z.looseObject({
  spec: z.looseObject({
    resourceAttributes: attributesSchema.nullish(),
    nonResourceAttributes: pathSchema.nullish(),
  }),
});
const rulesReviewSchema = z.looseObject({
  spec: z.looseObject({ namespace: z.string().optional() }),
});

/** Who asks, when, and who knows. */
interface Asked {
  user: RequestUser;
  authorizer: Authorizer;
  now: Date;
}

/** A kind that is only asked, never stored. */
export interface ReviewDefinition {
  group: string;
  version: string;
  kind: string;
  plural: string;
  /** @throws KubernetesStatusError 400 */
  answer(sent: unknown, asked: Asked): object;
}

/** What `kubectl auth can-i` and `kubectl auth whoami` ask. */
export const reviews: ReviewDefinition[] = [
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    kind: 'SelfSubjectAccessReview',
    plural: 'selfsubjectaccessreviews',
    answer: (sent, { user, authorizer }) => {
      const review = read(accessReviewSchema, sent);
      requireOneQuestion(review.spec);
      const { resourceAttributes: access, nonResourceAttributes } = review.spec;
      const allowed = access
        ? authorizer.isAllowed(user, access)
        : nonResourceRules(user).some(rule =>
            grantsPath(rule, nonResourceAttributes ?? { path: '', verb: '' }),
          );
      return {
        ...review,
        metadata: {},
        status: { allowed },
      };
    },
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    kind: 'SelfSubjectRulesReview',
    plural: 'selfsubjectrulesreviews',
    answer: (sent, { user, authorizer }) => {
      const review = read(rulesReviewSchema, sent);
      const { namespace } = review.spec;
      if (!namespace) {
        throw badRequest('no namespace on request');
      }
      const rules = authorizer.rulesOf(user, namespace);
      return {
        ...review,
        metadata: {},
        status: {
          incomplete: false,
          resourceRules: rules.map(
            ({ verbs, apiGroups, resources, resourceNames }) => ({
              verbs,
              apiGroups,
              resources,
              ...(resourceNames && { resourceNames }),
            }),
          ),
          nonResourceRules: nonResourceRules(user),
        },
      };
    },
  },
  {
    group: 'authentication.k8s.io',
    version: 'v1',
    kind: 'SelfSubjectReview',
    plural: 'selfsubjectreviews',
    answer: (_sent, { user, now }) => ({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'SelfSubjectReview',
      metadata: { creationTimestamp: timestamp(now) },
      status: { userInfo: { username: user.name, groups: user.groups } },
    }),
  },
];

/** @throws KubernetesStatusError 422 */
function requireOneQuestion(spec: {
  resourceAttributes?: unknown;
  nonResourceAttributes?: { path: string; verb: string } | null;
}): void {
  const refuse = (field: string, value: unknown, why: string) =>
    invalid({ group: 'authorization.k8s.io', kind: '' }, '', [
      invalidValue(`spec.${field}`, value, why),
    ]);
  const { resourceAttributes, nonResourceAttributes: path } = spec;
  if (resourceAttributes && path) {
    throw refuse(
      'nonResourceAttributes',
      { Path: path.path, Verb: path.verb },
      'cannot be specified in combination with resourceAttributes',
    );
  }
  if (!resourceAttributes && !path) {
    throw refuse(
      'resourceAttributes',
      null,
      'exactly one of nonResourceAttributes or resourceAttributes must be specified',
    );
  }
}

function read<T>(schema: z.ZodType<T>, sent: unknown): T {
  const parsed = schema.safeParse(sent);
  if (!parsed.success) {
    throw badRequest(
      `the review is not valid: ${z.prettifyError(parsed.error)}`,
    );
  }
  return parsed.data;
}
