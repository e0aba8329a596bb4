import {
  WasiError,
  type ArtifactView,
  type BackendInfo,
  type InvokeAnswer,
  type InvokeRequest,
  type LogsAnswer,
  type ModuleListAnswer,
  type ModuleRef,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasiApi } from '../apis';
import { moduleKey } from '../format';
import { artifact, backendInfo, jsonAnswer, logLines } from './modules';

/** A backend in memory: what is put in is answered, what is deleted is gone. */
export class StoredWasiApi implements WasiApi {
  /** What the list answers, or fails with; a promise that never settles keeps it loading. */
  list: ModuleListAnswer | WasiError | Promise<ModuleListAnswer>;
  info: BackendInfo | WasiError = backendInfo;
  artifact: ArtifactView | WasiError = artifact;
  logs: LogsAnswer | WasiError = { lines: logLines };
  answer: InvokeAnswer | WasiError = jsonAnswer;
  deletion?: WasiError;
  /** How often the list was asked for. */
  listed = 0;
  /** Requests that were sent to modules. */
  readonly sent: { module: string; request: InvokeRequest }[] = [];
  /** Modules that were deleted. */
  readonly deleted: string[] = [];

  constructor(list: StoredWasiApi['list']) {
    this.list = list;
  }

  async getInfo() {
    return settle(this.info);
  }

  async listModules() {
    this.listed += 1;
    return settle(await this.list);
  }

  async deleteModule(_entity: unknown, module: ModuleRef) {
    if (this.deletion) {
      throw this.deletion;
    }
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

  async invoke(_entity: unknown, module: ModuleRef, request: InvokeRequest) {
    this.sent.push({ module: moduleKey(module), request });
    return settle(this.answer);
  }
}

function settle<T>(stored: T | WasiError): T {
  if (stored instanceof WasiError) {
    throw stored;
  }
  return stored;
}
