import type { Entity } from '@backstage/catalog-model';
import {
  WasiError,
  type ModuleRef,
  type SyncMode,
  type SyncRequestTarget,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { Comparison } from '../compareModule';
import type { Source } from '../SourceReader';
import type { SyncRecord } from '../SyncStore';

/** What became of a proposal. @internal */
export type Proposal = Pick<
  SyncRecord,
  'state' | 'message' | 'remedy' | 'pullRequestUrl' | 'proposedHash'
>;

/** Proposes manifests. @internal */
export class ManifestProposals {
  isDue(_previous: SyncRecord, _mode: SyncMode): boolean {
    return false;
  }

  async propose(_options: {
    entity: Entity;
    target: SyncRequestTarget;
    ref: ModuleRef;
    source: Source;
    module: WasmModule;
    hash: string;
    comparison: Comparison;
    previous?: SyncRecord;
    requested: boolean;
    signal: AbortSignal;
  }): Promise<Proposal> {
    throw new WasiError('PULL_REQUEST_UNSUPPORTED', { message: 'Not yet.' });
  }
}
