import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  DEFAULT_ENVIRONMENT,
  WasiError,
  type ModuleRef,
  type SyncMode,
  type SyncRequestTarget,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { parse, stringify } from 'yaml';
import type { Comparison } from '../compareModule';
import type { EnvironmentConfig } from '../readSyncConfig';
import type { Source } from '../SourceReader';
import type { SyncRecord } from '../SyncStore';
import type { Branches, FileBranch } from '../Branches';
import type { RepositoryFile } from './RepositoryHost';

/** Git hosts count requests, so a proposal that stands is not looked at in each run. */
const LOOK_AGAIN_MS = 5 * 60_000;

/** What became of a proposal. @internal */
export type Proposal = Pick<
  SyncRecord,
  | 'state'
  | 'message'
  | 'remedy'
  | 'pullRequestUrl'
  | 'proposedHash'
  | 'nextRunAt'
>;

/** A manifest that the repository should have. @internal */
export interface ManifestProposal {
  entityRef: string;
  target: SyncRequestTarget;
  ref: ModuleRef;
  source: Source;
  module: WasmModule;
  hash: string;
  comparison: Comparison;
  previous?: SyncRecord;
  requested: boolean;
  signal: AbortSignal;
}

/**
 * Proposes manifests to the repository of their func.yaml, one open pull
 * request for each environment of an entity.
 *
 * @internal
 */
export class ManifestProposals {
  readonly #branches: Branches;
  readonly #environments: Record<string, EnvironmentConfig>;
  readonly #now: () => Date;

  constructor(options: {
    branches: Branches;
    environments: Record<string, EnvironmentConfig>;
    now: () => Date;
  }) {
    this.#branches = options.branches;
    this.#environments = options.environments;
    this.#now = options.now;
  }

  /** Whether a proposal is looked at though nothing else has changed. */
  isDue(previous: SyncRecord, mode: SyncMode): boolean {
    return (
      mode === 'pull-request' &&
      (previous.nextRunAt ?? '') <= this.#now().toISOString()
    );
  }

  async propose(proposal: ManifestProposal): Promise<Proposal> {
    const { comparison, entityRef, module, source, signal, target } = proposal;
    const repository = await this.#branches.of(source.url, signal);
    if (!repository) {
      throw new WasiError('PULL_REQUEST_UNSUPPORTED', {
        message: `No pull request can be made for ${source.url}: it is not on a branch of GitHub or Gitea that \`integrations\` names.`,
      });
    }
    const { host, branch: base } = repository;
    const path = this.#path(target.environment, module.metadata.name);
    const branch = branchOf(entityRef, target.environment, proposal.ref.name);
    const merged = await host.readFile(base, path, signal);
    const open = await host.findOpen(branch, base, signal);
    const nextRunAt = new Date(
      this.#now().getTime() + LOOK_AGAIN_MS,
    ).toISOString();
    if (merged && holds(merged, module)) {
      if (open) {
        await host.update(open.number, { state: 'closed' }, signal);
        await host.deleteBranch(branch, signal);
      }
      return {
        ...(comparison.changes.length === 0
          ? {
              state: 'in-step',
              message: `${path} and what runs are what func.yaml says.`,
            }
          : {
              state: 'drifted',
              message: `${path} is what func.yaml says, and what runs differs.`,
              remedy:
                'Wait for the tool that deploys the repository, or look there.',
            }),
        pullRequestUrl: undefined,
        proposedHash: undefined,
        nextRunAt,
      };
    }
    const { url } = open
      ? await this.#update(repository, { ...proposal, path, branch, open })
      : await this.#open(repository, { ...proposal, path, branch, merged });
    return {
      state: 'drifted',
      ...(url === undefined
        ? {
            message:
              'The pull request was closed without being merged; the change is proposed again when func.yaml changes.',
            remedy: 'Run it by hand to propose the change once more.',
          }
        : {
            message: `The change of ${path} is proposed as a pull request.`,
            remedy: 'Review and merge the pull request.',
          }),
      pullRequestUrl: url,
      proposedHash: proposal.hash,
      nextRunAt,
    };
  }

  async #open(
    { host, branch: base }: FileBranch,
    proposal: ManifestProposal & {
      path: string;
      branch: string;
      merged?: RepositoryFile;
    },
  ): Promise<{ url?: string }> {
    const { branch, hash, merged, path, previous, requested, signal } =
      proposal;
    if (previous?.proposedHash === hash && !requested) {
      // Somebody has said no.
      return {};
    }
    await host.resetBranch(branch, base, signal);
    await host.writeFile(
      {
        branch,
        path,
        content: manifestOf(proposal),
        message: titleOf(proposal),
        sha: merged?.sha,
      },
      signal,
    );
    return host.open(
      { branch, base, title: titleOf(proposal), body: bodyOf(proposal) },
      signal,
    );
  }

  async #update(
    { host }: FileBranch,
    proposal: ManifestProposal & {
      path: string;
      branch: string;
      open: { number: number; url: string; title: string; body: string };
    },
  ): Promise<{ url: string }> {
    const { branch, module, open, path, signal } = proposal;
    const proposed = await host.readFile(branch, path, signal);
    if (!proposed || !holds(proposed, module)) {
      await host.writeFile(
        {
          branch,
          path,
          content: manifestOf(proposal),
          message: titleOf(proposal),
          sha: proposed?.sha,
        },
        signal,
      );
      await host.update(
        open.number,
        { title: titleOf(proposal), body: bodyOf(proposal) },
        signal,
      );
    }
    return { url: open.url };
  }

  #path(environment: string, name: string): string {
    const path =
      this.#environments[environment]?.path ??
      (environment === DEFAULT_ENVIRONMENT
        ? 'deploy/{name}.yaml'
        : 'deploy/{environment}/{name}.yaml');
    return path
      .replaceAll('{environment}', environment)
      .replaceAll('{name}', name);
  }
}

/** How a file is written does not matter, what it says does. */
function holds(file: RepositoryFile, module: WasmModule): boolean {
  try {
    return isDeepStrictEqual(
      parse(file.content, { maxAliasCount: 0 }),
      JSON.parse(JSON.stringify(module)),
    );
  } catch {
    // What is no YAML is not the module; the proposal shows the difference.
    return false;
  }
}

function manifestOf({ module, source }: ManifestProposal): string {
  return `# Made from ${
    source.url
  }: change that, and this follows.\n${stringify(
    JSON.parse(JSON.stringify(module)),
  )}`;
}

function titleOf({ ref, target }: ManifestProposal): string {
  return target.environment === DEFAULT_ENVIRONMENT
    ? `Deploy ${ref.name}`
    : `Deploy ${ref.name} to ${target.environment}`;
}

function bodyOf(proposal: ManifestProposal): string {
  const { comparison, entityRef, ref, source } = proposal;
  const changes = comparison.changes
    .slice(0, 50)
    .map(({ path, kind }) => `- \`${path}\` ${kind}`);
  return [
    `${entityRef} asks for this with ${source.url} (${source.revision}).`,
    `On cluster ${ref.cluster}, namespace ${ref.namespace}, it would change:`,
    changes.join('\n') || 'Nothing: it runs as the manifest says.',
    'This pull request follows func.yaml until it is merged or closed.',
  ].join('\n\n');
}

/** Entities of one repository must not share a branch, whatever their names. */
function branchOf(
  entityRef: string,
  environment: string,
  name: string,
): string {
  const hash = createHash('sha256')
    .update(`${entityRef} ${environment}`)
    .digest('hex');
  return `wasi-deploy/${name}-${environment}-${hash.slice(0, 8)}`;
}
