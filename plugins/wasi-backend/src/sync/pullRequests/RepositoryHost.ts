/** A file as a branch has it. @internal */
export interface RepositoryFile {
  content: string;
  /** Names this content to the host. */
  sha: string;
}

/** An open pull request. @internal */
export interface OpenRequest {
  number: number;
  url: string;
  title: string;
  body: string;
}

/**
 * One repository on a git host, as far as proposing a change takes it.
 *
 * Every failure is a `WasiError` PULL_REQUEST_FAILED.
 *
 * @internal
 */
export interface RepositoryHost {
  hasBranch(branch: string, signal: AbortSignal): Promise<boolean>;
  readFile(
    branch: string,
    path: string,
    signal: AbortSignal,
  ): Promise<RepositoryFile | undefined>;
  /** Makes the branch what `base` is; one that was left over is replaced. */
  resetBranch(branch: string, base: string, signal: AbortSignal): Promise<void>;
  deleteBranch(branch: string, signal: AbortSignal): Promise<void>;
  writeFile(
    file: {
      branch: string;
      path: string;
      content: string;
      message: string;
      /** Of the file as it was read; absent for a new one. */
      sha?: string;
    },
    signal: AbortSignal,
  ): Promise<void>;
  findOpen(
    branch: string,
    base: string,
    signal: AbortSignal,
  ): Promise<OpenRequest | undefined>;
  open(
    request: { branch: string; base: string; title: string; body: string },
    signal: AbortSignal,
  ): Promise<OpenRequest>;
  update(
    number: number,
    change: { title?: string; body?: string; state?: 'closed' },
    signal: AbortSignal,
  ): Promise<void>;
}
