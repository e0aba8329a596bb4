import {
  composeStatement,
  PREDICATES,
  type Statement,
  type StatementSubject,
} from '../signing/statement';

/**
 * Says what the parameters of a build mean; described in the README of this package.
 *
 * https://slsa.dev/spec/v1.1/provenance#builddefinition
 */
export const BUILD_TYPE =
  'https://www.npmjs.com/package/@wasi-functions/backstage-plugin-wasi-node#build-type-v1';

/**
 * Which portal built a module, and in which run.
 *
 * @public
 */
export interface Builder {
  /** `app.baseUrl` of the portal. */
  id: string;
  /** Versions of the builder's parts, by name. */
  versions: Record<string, string>;
}

/** What is known of how a module was built. */
export interface BuildFacts {
  builder: Builder;
  /** Of the task; absent outside of one. */
  invocationId?: string;
  runtime: string;
  /** URL of the repository. */
  source?: string;
  /** Commit of the repository. */
  revision?: string;
  /** Digest of func.yaml. */
  funcYaml: string;
  /** Digest of the .wasm file. */
  module: string;
  /** Versions of the tools that built it, by name. */
  tools: Record<string, string>;
}

/**
 * Says how a module was built, in the words of SLSA.
 *
 * https://slsa.dev/spec/v1.1/provenance
 */
export function composeProvenance(
  subject: StatementSubject,
  facts: BuildFacts,
): Statement {
  const { builder, source, revision, tools } = facts;
  return composeStatement(subject, PREDICATES.provenance, {
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: {
        ...(source && {
          source: { repository: source, ...(revision && { revision }) },
        }),
        runtime: facts.runtime,
        funcYaml: { digest: hexOf(facts.funcYaml) },
      },
      resolvedDependencies: [
        ...(source && revision
          ? [
              {
                uri: `git+${source}@${revision}`,
                digest: { gitCommit: revision },
              },
            ]
          : []),
        ...Object.entries(tools)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, version]) => ({
            name,
            annotations: { version },
          })),
      ],
    },
    runDetails: {
      builder: { id: builder.id, version: builder.versions },
      ...(facts.invocationId && {
        metadata: { invocationId: facts.invocationId },
      }),
      byproducts: [{ name: 'module.wasm', digest: hexOf(facts.module) }],
    },
  });
}

function hexOf(digest: string): Record<string, string> {
  const [algorithm, hex] = digest.split(':');
  return { [algorithm]: hex };
}
