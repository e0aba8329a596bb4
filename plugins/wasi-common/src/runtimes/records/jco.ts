import { toolVersions } from '../pinnedVersions';
import type { RuntimePrerequisite, WorkflowStep } from '../types';

/** The WebAssembly tools of npm. */
export const jco: RuntimePrerequisite = {
  tool: 'jco',
  command: ['jco', '--version'],
  versionPattern: '([0-9]+\\.[0-9]+\\.[0-9]+)',
  minimum: toolVersions.jco,
  install: `Install jco with \`npm install -g @bytecodealliance/jco@${toolVersions.jco}\` (Node 20 or newer, about 340 MB).`,
};

/** jco as typed in a shell, without an installation. */
export const npxJco = `npx --yes @bytecodealliance/jco@${toolVersions.jco}`;

/** Node on a machine of GitHub Actions. */
export const setupNode: WorkflowStep = {
  uses: 'actions/setup-node@v4',
  with: { 'node-version': toolVersions.node },
};
