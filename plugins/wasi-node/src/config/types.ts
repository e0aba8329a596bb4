import type { SigningKey, VerificationConfig } from '../supplyChain';

/** One registry that may be pushed to and read from. @public */
export interface RegistryConfig {
  host: string;
  prefix?: string;
  insecure: boolean;
  username?: string;
  password?: string;
  token?: string;
}

/** Where jobs of builds run, and of which images. @public */
export interface KubernetesBuildConfig {
  /** Absent: the one cluster there is. */
  cluster?: string;
  namespace: string;
  /** By runtime. */
  images: Record<string, string>;
  serviceAccountName?: string;
  resources?: {
    requests?: Record<string, string>;
    limits?: Record<string, string>;
  };
  startTimeoutMs: number;
}

/** As whom a cluster is called on behalf of a user. @public */
export type IdentityMode = 'service-account' | 'impersonate';

/** As whom clusters are called, and what users are called there. @public */
export interface IdentityConfig {
  mode: IdentityMode;
  /** Of clusters that differ, by name. */
  clusters: Record<string, IdentityMode>;
  /** Name of a user in Kubernetes, with `{namespace}` and `{name}` of the entity. */
  user: string;
  /** Name of a group in Kubernetes, in the same way. */
  group: string;
  /** Whether the entity ref goes along as well, for the audit log of the cluster. */
  sendEntityRef: boolean;
}

/**
 * `wasi` of app-config, typed and defaulted; see `config.d.ts` for the meaning of each key.
 *
 * @public
 */
export interface WasiConfig {
  registries: RegistryConfig[];
  dockerConfig?: string;
  toolchains: {
    /** Absolute path. */
    directory: string;
    paths: Record<string, string>;
  };
  build: {
    /** Absent: a sandbox where it works, else the host. */
    runner?: 'host' | 'sandbox' | 'kubernetes';
    /** Added to the environment of every tool; may hold secrets. */
    env?: Record<string, string>;
    /** What a sandboxed build with a network may connect to: `host`, or `host:port`. */
    allowedHosts?: string[];
    timeoutMs: number;
    maxOutputBytes: number;
    maxModuleBytes: number;
    /** Absent: not limited. */
    maxWorkspaceBytes?: number;
    /** Absent: not limited. */
    maxMemoryBytes?: number;
    maxProcesses?: number;
    /** Absent: not limited. */
    maxCpus?: number;
    /** Control group, version 2, that groups of builds are made in. */
    cgroup?: string;
    /** Present where `runner` is `kubernetes`. */
    kubernetes?: KubernetesBuildConfig;
    /** Bytes that modules of a runtime should not exceed, by the runtime's name. */
    sizeBudgets?: Record<string, number>;
    /** What becomes of a module that exceeds a budget. Absent: `warn`. */
    overBudget?: 'warn' | 'fail';
    /** Absent: every build is done anew. */
    cache?: {
      /** Absolute path. Absent: a folder of this process, gone when it ends. */
      directory?: string;
      maxBytes: number;
    };
  };
  prebuilt: { allowedHosts: string[] };
  kubeconfig?: string;
  /** Absent: every call is made as the portal's account. */
  identity?: IdentityConfig;
  watch?: {
    /** By cluster, those to watch one by one; all of a cluster that is not named. */
    namespaces: Record<string, string[]>;
  };
  invoke: { timeoutMs: number };
  /** Absent: nothing is signed. */
  signing?: SigningKey;
  /** Absent: nothing is verified. */
  verification?: VerificationConfig;
}
