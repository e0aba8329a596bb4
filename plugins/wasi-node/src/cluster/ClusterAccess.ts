import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { KubernetesAnswer } from './KubernetesConnection';

/** Where a request goes, and what proves who sends it. @internal */
export interface ClusterEndpoint {
  /** With a path before that of the API where there is one. */
  server: string;
  headers: Record<string, string>;
  /** Trust and certificates; makes a connection for each request. */
  options: RequestOptions;
  /** Keeps connections for further requests. */
  reuse?: Agent;
}

/** How one cluster is reached. @internal */
export interface ClusterAccess<
  Endpoint extends ClusterEndpoint = ClusterEndpoint,
> {
  endpoint(): Promise<Endpoint>;
  /** Tells whether there is something newer than what the cluster did not take. */
  renew(refused: Endpoint): boolean;
  /** A proxy on the way sends the head of an answer with its first byte. */
  readonly holdsHead?: boolean;
  /** What was answered on the way, and not by the cluster. */
  refusal?(answer: KubernetesAnswer): WasiError | undefined;
}
