export interface Config {
  scaffolder?: {
    taskRecovery?: {
      /**
       * Folder that keeps the workspaces of unfinished runs, for
       * `workspaceProvider: directory`. It must outlive the backend; where there
       * are several backends, they must share it. A relative path begins at the
       * working directory of the backend.
       *
       * @visibility backend
       */
      directory?: string;
    };
  };
}
