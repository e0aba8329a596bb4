import { toolVersions } from '../pinnedVersions';
import type { RuntimePrerequisite } from '../types';

/** The WebAssembly tools of npm. */
export const jco: RuntimePrerequisite = {
  tool: 'jco',
  command: ['jco', '--version'],
  versionPattern: '([0-9]+\\.[0-9]+\\.[0-9]+)',
  minimum: toolVersions.jco,
  install: `Install jco with \`npm install -g @bytecodealliance/jco@${toolVersions.jco}\` (Node 20 or newer, about 340 MB).`,
};
