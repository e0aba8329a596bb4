import { stepPlaceholders } from '../placeholders';
import { toolVersions } from '../pinnedVersions';
import type { Runtime } from '../types';

const { wit, output } = stepPlaceholders;

export const python: Runtime = {
  name: 'python-wasi',
  label: 'Python',
  language: 'Python',
  maturity: 'stable',
  sources: ['app.py'],
  strategy: 'commands',
  prerequisites: [
    {
      tool: 'python3',
      command: ['python3', '--version'],
      versionPattern: 'Python ([0-9]+\\.[0-9]+)',
      minimum: '3.10',
      install: 'Install Python 3.10 or newer.',
    },
    {
      tool: 'componentize-py',
      command: ['componentize-py', '--version'],
      versionPattern: '([0-9]+\\.[0-9]+\\.[0-9]+)',
      minimum: toolVersions['componentize-py'],
      install: `Install componentize-py with \`pip install componentize-py==${toolVersions['componentize-py']}\`.`,
    },
  ],
  steps: [
    {
      label: 'Compile Python to a component',
      // The last argument but two is the name of the Python module app.py.
      command: [
        'componentize-py',
        '-d',
        wit,
        '-w',
        'function',
        'componentize',
        'app',
        '-o',
        output,
      ],
    },
  ],
  output: 'module.wasm',
  memoryLimit: '768Mi',
  skeleton: {
    files: [
      { path: 'app.py', purpose: 'answers a request; begin here' },
      { path: 'test_app.py', purpose: 'its tests' },
      { path: 'wasi/', purpose: 'requests and responses by `wasi:http`' },
      { path: 'wit/', purpose: 'the interfaces that the module may use' },
    ],
    setup: [
      {
        uses: 'actions/setup-python@v5',
        with: { 'python-version': toolVersions.python },
      },
      {
        name: 'Install',
        run: `pip install componentize-py==${toolVersions['componentize-py']}`,
      },
    ],
    test: 'python3 -m unittest',
    build: [
      'componentize-py -d wit -w function componentize app -o module.wasm',
    ],
    ignored: ['__pycache__/'],
  },
};
