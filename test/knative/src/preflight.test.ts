import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  parseWasmModule,
  preflight,
  type Finding,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { Capture } from './facts';

const CAPTURES = resolve(__dirname, '../captures');

const read = (name: string): Capture =>
  JSON.parse(readFileSync(join(CAPTURES, name), 'utf8'));

const codesOf = ({ module }: Capture, wanted: Finding['severity']) =>
  preflight(parseWasmModule(module))
    .filter(({ severity }) => severity === wanted)
    .map(({ code }) => code);

const captures = readdirSync(CAPTURES).filter(name => read(name).module);
/** What an administrator can switch on is warned of alone. */
const BY_FEATURE_FLAG = /^refused-(host-path|volume-claim|mount-field)/;
/** Of the cluster, which preflight is told of by facts or not at all. */
const OF_CLUSTER =
  /^refused-(service-quota|definition-of-services-missing|rights-missing)/;

describe('a plan, before anything is written', () => {
  it.each(
    captures.filter(
      name =>
        (/^refused-/.test(name) && !OF_CLUSTER.test(name)) ||
        /^(request-above-limit|update-refused|image-of-no-form)/.test(name),
    ),
  )('refuses what a cluster was heard to refuse: %s', name => {
    const severity = BY_FEATURE_FLAG.test(name) ? 'warning' : 'error';
    expect(codesOf(read(name), severity)).not.toEqual([]);
  });

  it.each(captures.filter(name => /^(ready|updated|labels)/.test(name)))(
    'takes what a cluster was heard to run: %s',
    name => {
      expect(codesOf(read(name), 'error')).toEqual([]);
    },
  );
});
