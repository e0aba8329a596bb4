export interface Config {
  /** WebAssembly functions: where to build, where to push, where to run. */
  wasi?: {
    /**
     * Registries that templates may push to and the portal may read from.
     * A registry that is not listed is refused.
     */
    registries?: Array<{
      /** Host with port, e.g. `ghcr.io` or `localhost:7450`. */
      host: string;
      /**
       * Repository prefix that modules go to, e.g. `my-team/functions`; offered by the
       * template form. Default: none, every repository of the host is allowed.
       */
      prefix?: string;
      /**
       * Speak plain HTTP. Keep it equal to the runner's insecure-registries setting.
       * Default: false.
       */
      insecure?: boolean;
      /** Account for push. Default: anonymous, or what `dockerConfig` says. */
      username?: string;
      /** @visibility secret */
      password?: string;
      /**
       * A ready bearer token, instead of account and password.
       * @visibility secret
       */
      token?: string;
    }>;
    /**
     * Path of a Docker `config.json` or containers' `auth.json` with credentials and
     * credential helpers. Default: none; files in the home of the backend are not read unasked.
     */
    dockerConfig?: string;
    toolchains?: {
      /**
       * Folder with one installed toolchain per sub-folder, e.g. `jco/`.
       * Default: the environment variable WASI_TOOLCHAINS_DIRECTORY, else `.toolchains`
       * in the working directory or the nearest parent that has it.
       */
      directory?: string;
      /** Paths of single tools that are not on the PATH, by name, e.g. `jco: /opt/jco/bin/jco`. */
      paths?: { [tool: string]: string };
    };
    build?: {
      /**
       * Where the tools of builds run: `sandbox` (bubblewrap, on this machine), `kubernetes`
       * (a Job), or `host` (this machine, with the rights of the backend: for source that you
       * trust). See docs/builds.md. Default: `sandbox` where bubblewrap works, else `host`
       * and a warning in the log.
       */
      runner?: 'host' | 'sandbox' | 'kubernetes';
      /**
       * Hosts that a build of a runtime with dependencies may download from, as `host` (port
       * 443) or `host:port`. Held by `sandbox` alone. Default: the registries of crates.io, Go,
       * npm, PyPI and NuGet.
       */
      allowedHosts?: string[];
      /**
       * Variables for every tool, such as GOPROXY, PIP_INDEX_URL, npm_config_registry or
       * NODE_EXTRA_CA_CERTS. A build can read them: give it no account that may do more than
       * download. HTTPS_PROXY is the way out of `sandbox`, which keeps it from the build.
       */
      env?: {
        /** @visibility secret */
        [name: string]: string;
      };
      /** Memory of one build, in bytes. Default: 4294967296 (4 GiB). */
      maxMemoryBytes?: number;
      /** Processes of one build at one time. Default: 256. */
      maxProcesses?: number;
      /** Processors of one build, e.g. 1.5; needs a control group. Default: all. */
      maxCpus?: number;
      /**
       * Control group (version 2) with the controllers memory, pids and cpu that groups of
       * builds are made in. Default: next to the group of the backend where that may be
       * written; else memory is looked at twice a second.
       */
      cgroup?: string;
      /** Where builds run with `runner: kubernetes`; see docs/builds.md. */
      kubernetes?: {
        /** Cluster of `kubernetes.clusterLocatorMethods`. Default: the one there is. */
        cluster?: string;
        /** For builds alone: the portal runs commands in its pods. */
        namespace: string;
        /** Builder image by runtime, best by digest, e.g. `js-wasi: registry.example.com/js@sha256:…`. */
        images: { [runtime: string]: string };
        /** Service account of the pods, for its pull secrets. Default: that of the namespace. */
        serviceAccountName?: string;
        /** Of each build's container, as in a pod; over what the limits above say. */
        resources?: {
          requests?: { [resource: string]: string };
          limits?: { [resource: string]: string };
        };
        /** Longest time until a pod runs, in seconds. Default: 120. */
        startTimeoutSeconds?: number;
      };
      /** Longest build, in seconds. Default: 300. */
      timeoutSeconds?: number;
      /** Output of a build beyond which it is stopped, in bytes. Default: 10485760 (10 MiB). */
      maxOutputBytes?: number;
      /** Largest module that is accepted, in bytes. Default: 104857600 (100 MiB). */
      maxModuleBytes?: number;
      /**
       * Largest folder of a function together with what its build writes, in bytes. A
       * build that grows beyond it is stopped. Default: 1073741824 (1 GiB).
       */
      maxWorkspaceBytes?: number;
      /**
       * Sizes that modules of a runtime should not exceed, as quantities, e.g.
       * `js-wasi: 15Mi`. `build.sizeBudget` of func.yaml may set a lower one. Default: none.
       */
      sizeBudgets?: { [runtime: string]: string };
      /**
       * What becomes of a module that exceeds its budget: `warn` tells it and goes on,
       * `fail` ends the build. Default: `warn`.
       */
      overBudget?: 'warn' | 'fail';
      /**
       * Folder that built modules are kept in, so that unchanged source is not built
       * again. It must be writable by the backend alone: what lies in it is deployed.
       * Default: a folder of the backend process, gone when it ends.
       */
      cacheDirectory?: string;
      /**
       * Size of that folder beyond which the modules unused for longest are dropped, in
       * bytes. 0: every build is done anew. Default: 1073741824 (1 GiB).
       */
      maxCacheBytes?: number;
    };
    prebuilt?: {
      /** Hosts that modules may be downloaded from over https, e.g. `registry.npmjs.org`. Default: none. */
      allowedHosts?: string[];
    };
    /**
     * Path of a kubeconfig, used when `kubernetes.clusterLocatorMethods` is absent;
     * its current context is the cluster.
     * Default: the service account of the pod, where the backend runs in a cluster.
     */
    kubeconfig?: string;
    /**
     * As whom clusters are called on behalf of a user; see docs/clusters.md.
     * Default: everything is done by the account that the cluster's entry names.
     */
    identity?: {
      /**
       * `impersonate`: as the user, so that the cluster's own rules for that user hold.
       * The portal's account must have the right to impersonate.
       * Default: `service-account`.
       */
      mode?: 'service-account' | 'impersonate';
      /** Clusters that differ. */
      clusters?: Array<{
        /** As the Kubernetes plugin knows the cluster. */
        name: string;
        mode: 'service-account' | 'impersonate';
      }>;
      /**
       * What a user of the portal is called in Kubernetes. `{namespace}` and `{name}` are
       * those of the user's entity; without `{namespace}`, users outside the namespace
       * `default` are refused. Default: `backstage:{namespace}/{name}`.
       */
      user?: string;
      /**
       * What a group that owns things for the user is called in Kubernetes; without
       * `{namespace}`, groups outside the namespace `default` are left out.
       * Default: `backstage:{namespace}/{name}`.
       */
      group?: string;
      /**
       * Send the entity ref as `Impersonate-Extra-backstage.io/entity-ref` too, which the
       * audit log of the cluster then holds. It takes a right of its own. Default: false.
       */
      sendEntityRef?: boolean;
    };
    watch?: {
      /**
       * By cluster, the namespaces to watch one by one, where the portal's account
       * may not list the whole cluster. What lies elsewhere is not seen.
       * Default: each cluster is watched as a whole.
       */
      namespaces?: { [cluster: string]: string[] };
    };
    invoke?: {
      /** Longest call of a module through the portal, in seconds. Default: 30. */
      timeoutSeconds?: number;
    };
    /** The key that this portal signs modules with; see docs/supply-chain.md. Default: nothing is signed. */
    signing?: {
      /**
       * Private key on the curve P-256, PEM (PKCS #8 or SEC 1). By `$file` it is read from a file.
       * @visibility secret
       */
      key?: string;
      /**
       * Passphrase of the key, if it has one.
       * @visibility secret
       */
      passphrase?: string;
    };
    /** What is asked of an image before it is deployed. */
    verification?: {
      /**
       * `off`: nothing. `warn`: an image without a signature that is trusted is deployed, and
       * the log says so. `enforce`: it is refused. Default: off.
       */
      policy?: 'off' | 'warn' | 'enforce';
      /** Keys whose signatures are trusted, besides the one of `signing`: several while one replaces another. */
      publicKeys?: Array<{
        /** What people call it; shown where an image was signed by it. */
        name: string;
        /** Public key on the curve P-256, PEM. */
        key: string;
        /** Prefixes of images that it may sign, e.g. `ghcr.io/team-a`. Default: every image. */
        images?: string[];
      }>;
      /** Ask for provenance that is signed by a trusted key, too. Default: false. */
      requireProvenance?: boolean;
    };
  };
  /**
   * The clusters of the portal, shared with the Kubernetes plugin: same keys, same
   * meaning. Only the keys that are read here are described.
   */
  kubernetes?: {
    clusterLocatorMethods?: Array<{
      /** `config` and `localKubectlProxy` are read; others are shown as not supported yet. */
      type: string;
      clusters?: Array<{
        name: string;
        title?: string;
        /** Address of the API server; http only on this machine or with `skipTLSVerify`. */
        url: string;
        /** `serviceAccount` or `localKubectlProxy`. */
        authProvider?: string;
        /**
         * Token of a service account that may get, list, watch, create, update, patch and delete
         * wasmmodules, list events and pods, and get pods/log. Default: that of the backend's own pod.
         * @visibility secret
         */
        serviceAccountToken?: string;
        /** Default: false. */
        skipTLSVerify?: boolean;
        /**
         * Certificate authority, PEM in base64.
         * @visibility secret
         */
        caData?: string;
        /**
         * Path of the certificate authority, PEM.
         * @visibility secret
         */
        caFile?: string;
      }>;
    }>;
  };
}
