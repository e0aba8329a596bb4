/** One registry that may be pushed to and read from. @public */
export interface RegistryConfig {
  host: string;
  prefix?: string;
  insecure: boolean;
  username?: string;
  password?: string;
  token?: string;
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
    timeoutMs: number;
    maxOutputBytes: number;
    maxModuleBytes: number;
    /** Absent: not limited. */
    maxWorkspaceBytes?: number;
    /** Absent: every build is done anew. */
    cache?: {
      /** Absolute path. Absent: a folder of this process, gone when it ends. */
      directory?: string;
      maxBytes: number;
    };
  };
  prebuilt: { allowedHosts: string[] };
  kubeconfig?: string;
  invoke: { timeoutMs: number };
}
