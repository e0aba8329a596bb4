import {
  WasiError,
  type ArtifactView,
  type BackendInfo,
  type DeploymentListAnswer,
  type DeploymentView,
  type FieldChange,
  type InvokeAnswer,
  type InvokeRequest,
  type LogLine,
  type LogsAnswer,
  type ModuleListAnswer,
  type ModuleRef,
  type PlanAnswer,
  type SyncView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  ClusterTokens,
  LogListener,
  ModuleEdit,
  WasiApi,
  WasiWriteOptions,
} from '../apis';
import { moduleKey } from '../format';
import {
  deployments,
  deploymentView,
  rollbackPlan,
  syncView,
} from './deployments';
import { artifact, backendInfo, jsonAnswer, logLines } from './modules';

/** A backend in memory: what is put in is answered, what is deleted is gone. */
export class StoredWasiApi implements WasiApi {
  /** What the list answers, or fails with; a promise that never settles keeps it loading. */
  list: ModuleListAnswer | WasiError | Promise<ModuleListAnswer>;
  /** What clusters answer that are asked one by one. */
  lanes: Record<string, StoredWasiApi['list']> = {};
  /** What they answer once the user has signed in, or why that fails. */
  lanesOnceSignedIn: StoredWasiApi['lanes'] = {};
  signInRefusal?: WasiError;
  /** Clusters that the user was asked for a token of. */
  readonly signedIn: string[] = [];
  tokens?: ClusterTokens;
  info: BackendInfo | WasiError = backendInfo;
  artifact: ArtifactView | WasiError = artifact;
  logs: LogsAnswer | WasiError = { lines: logLines };
  answer: InvokeAnswer | WasiError = jsonAnswer;
  deletion?: WasiError;
  /** The history, in pages; the cursor of a page is its index. */
  history: DeploymentListAnswer['items'][] | WasiError = [
    deployments(Date.now()),
  ];
  comparison: FieldChange[] | WasiError = [];
  plan: PlanAnswer | WasiError = rollbackPlan(Date.now());
  /** Why changes, roll-backs and redeploys fail. */
  refusal?: WasiError;
  sync: SyncView | WasiError = syncView(Date.now());
  /** Why a change of the catalog-driven deploys fails. */
  syncRefusal?: WasiError;
  /** Lines that each stream of the log begins with; then it stays open. */
  stream: LogLine[] | WasiError = logLines.map(line => ({ line }));
  /** How often the list was asked for. */
  listed = 0;
  /** Requests that were sent to modules. */
  readonly sent: { module: string; request: InvokeRequest }[] = [];
  /** Modules that were deleted. */
  readonly deleted: string[] = [];
  /** What was planned of changes, redeploys and deletions. */
  readonly planned: object[] = [];
  /** Writes, comparisons and changes of the catalog-driven deploys, in their order. */
  readonly done: object[] = [];
  /** Streams of the log that are open. */
  readonly streams = new Set<LogListener>();

  constructor(list: StoredWasiApi['list']) {
    this.list = list;
  }

  async getInfo() {
    return settle(this.info);
  }

  async takeTokensFrom(tokens: ClusterTokens) {
    this.tokens = tokens;
  }

  async signIn(cluster: string) {
    this.signedIn.push(cluster);
    if (this.signInRefusal) {
      throw this.signInRefusal;
    }
    this.lanes = { ...this.lanes, ...this.lanesOnceSignedIn };
  }

  async listModules(_entity?: unknown, options: { cluster?: string } = {}) {
    if (options.cluster !== undefined) {
      return settle(await this.lanes[options.cluster]);
    }
    this.listed += 1;
    return settle(await this.list);
  }

  async planChange(_entity: unknown, module: ModuleRef, edit: ModuleEdit) {
    this.planned.push({ change: moduleKey(module), edit });
    return settle(this.plan);
  }

  async changeModule(
    _entity: unknown,
    module: ModuleRef,
    edit: ModuleEdit,
    options: WasiWriteOptions = {},
  ) {
    this.#do({ change: moduleKey(module), edit, ...agreed(options) });
    return this.#firstModule();
  }

  async planDeletion(_entity: unknown, module: ModuleRef) {
    this.planned.push({ delete: moduleKey(module) });
    return settle(this.plan);
  }

  async deleteModule(
    _entity: unknown,
    module: ModuleRef,
    options: WasiWriteOptions = {},
  ) {
    if (this.deletion) {
      throw this.deletion;
    }
    this.done.push({ delete: moduleKey(module), ...agreed(options) });
    const list = settle(await this.list);
    this.deleted.push(moduleKey(module));
    this.list = {
      ...list,
      items: list.items.filter(
        ({ ref }) => moduleKey(ref) !== moduleKey(module),
      ),
      missing: [...list.missing, module],
    };
  }

  async getArtifact() {
    return settle(this.artifact);
  }

  async getLogs() {
    return settle(this.logs);
  }

  async followLogs(
    _entity: unknown,
    _module: ModuleRef,
    { signal, ...listener }: LogListener & { signal?: AbortSignal },
  ) {
    const lines = settle(this.stream);
    listener.onOpen();
    lines.forEach(listener.onLine);
    this.streams.add(listener);
    await new Promise(resolve => signal?.addEventListener('abort', resolve));
    this.streams.delete(listener);
  }

  async invoke(_entity: unknown, module: ModuleRef, request: InvokeRequest) {
    this.sent.push({ module: moduleKey(module), request });
    return settle(this.answer);
  }

  async planRedeploy(_entity: unknown, module: ModuleRef, at: string) {
    this.planned.push({ redeploy: moduleKey(module), at });
    return settle(this.plan);
  }

  async redeploy(
    _entity: unknown,
    module: ModuleRef,
    at: string,
    options: WasiWriteOptions = {},
  ) {
    this.#do({ redeploy: moduleKey(module), at, ...agreed(options) });
    return this.#firstModule();
  }

  async listDeployments(
    _entity: unknown,
    options: { module?: ModuleRef; cursor?: string } = {},
  ) {
    const pages = settle(this.history);
    const { module, cursor } = options;
    const index = Number(cursor ?? 0);
    return {
      items: (pages[index] ?? []).filter(
        ({ ref }) => !module || moduleKey(ref) === moduleKey(module),
      ),
      ...(index + 1 < pages.length && { next: String(index + 1) }),
    };
  }

  async getDeployment(_entity: unknown, id: string): Promise<DeploymentView> {
    const found = settle(this.history)
      .flat()
      .find(deployment => deployment.id === id);
    if (!found) {
      throw new WasiError('BACKEND_UNEXPECTED', {
        message: `There is no deployment ${id}.`,
      });
    }
    return deploymentView(found, Date.now());
  }

  async diffDeployments(_entity: unknown, id: string, other: string) {
    this.done.push({ compare: id, with: other });
    return settle(this.comparison);
  }

  async planRollback() {
    return settle(this.plan);
  }

  async rollBack(_entity: unknown, id: string, options: WasiWriteOptions = {}) {
    this.#do({ rollBack: id, ...agreed(options) });
    return this.#firstModule();
  }

  async getSync() {
    return settle(this.sync);
  }

  async suspendSync(_entity: unknown, options: { reason?: string } = {}) {
    const { reason } = options;
    return this.#changeSync(
      { suspend: true, ...(reason !== undefined && { reason }) },
      {
        suspended: {
          by: 'user:default/jane',
          at: new Date().toISOString(),
          reason,
        },
      },
    );
  }

  async resumeSync() {
    return this.#changeSync({ resume: true }, { suspended: undefined });
  }

  async runSync() {
    return this.#changeSync({ run: true }, {});
  }

  #changeSync(what: object, change: Partial<SyncView>) {
    if (this.syncRefusal) {
      throw this.syncRefusal;
    }
    this.done.push(what);
    const sync = { ...settle(this.sync), ...change };
    this.sync = sync;
    return sync;
  }

  #do(what: object) {
    if (this.refusal) {
      throw this.refusal;
    }
    this.done.push(what);
  }

  async #firstModule() {
    return settle(await this.list).items[0];
  }
}

/** What of a plan was agreed to. */
function agreed({ force, basis }: WasiWriteOptions) {
  return { basis, ...(force && { force }) };
}

function settle<T>(stored: T | WasiError): T {
  if (stored instanceof WasiError) {
    throw stored;
  }
  return stored;
}
