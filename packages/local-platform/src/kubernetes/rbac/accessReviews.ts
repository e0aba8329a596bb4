import { z } from 'zod';
import { badRequest } from '../status/refusals';
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
const accessReviewSchema = z.looseObject({
  spec: z.looseObject({
    resourceAttributes: attributesSchema.nullish(),
    nonResourceAttributes: z.looseObject({}).nullish(),
  }),
});
const rulesReviewSchema = z.looseObject({
  spec: z.looseObject({ namespace: z.string().optional() }),
});

/** A kind that is only asked, never stored. */
export interface ReviewDefinition {
  group: string;
  version: string;
  kind: string;
  plural: string;
  /** @throws KubernetesStatusError 400 */
  answer(sent: unknown, user: RequestUser, authorizer: Authorizer): object;
}

/** What `kubectl auth can-i` and `kubectl auth whoami` ask. */
export const reviews: ReviewDefinition[] = [
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    kind: 'SelfSubjectAccessReview',
    plural: 'selfsubjectaccessreviews',
    answer: (sent, user, authorizer) => {
      const review = read(accessReviewSchema, sent);
      const access = review.spec.resourceAttributes;
      // Paths such as /version are open to everyone who is known.
      const allowed = access ? authorizer.isAllowed(user, access) : true;
      return {
        ...review,
        metadata: { creationTimestamp: null },
        status: { allowed },
      };
    },
  },
  {
    group: 'authorization.k8s.io',
    version: 'v1',
    kind: 'SelfSubjectRulesReview',
    plural: 'selfsubjectrulesreviews',
    answer: (sent, user, authorizer) => {
      const review = read(rulesReviewSchema, sent);
      const { namespace = '' } = review.spec;
      const rules = authorizer.rulesOf(user, namespace);
      return {
        ...review,
        metadata: { creationTimestamp: null },
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
          nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['*'] }],
        },
      };
    },
  },
  {
    group: 'authentication.k8s.io',
    version: 'v1',
    kind: 'SelfSubjectReview',
    plural: 'selfsubjectreviews',
    answer: (_sent, user) => ({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'SelfSubjectReview',
      metadata: { creationTimestamp: null },
      status: { userInfo: { username: user.name, groups: user.groups } },
    }),
  },
];

function read<T>(schema: z.ZodType<T>, sent: unknown): T {
  const parsed = schema.safeParse(sent);
  if (!parsed.success) {
    throw badRequest(
      `the review is not valid: ${z.prettifyError(parsed.error)}`,
    );
  }
  return parsed.data;
}
