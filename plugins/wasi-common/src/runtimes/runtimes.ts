import { c } from './records/c';
import { cpp } from './records/cpp';
import { dotnet } from './records/dotnet';
import { go } from './records/go';
import { js } from './records/js';
import { prebuilt } from './records/prebuilt';
import { python } from './records/python';
import { rust } from './records/rust';
import { swift } from './records/swift';
import { wat } from './records/wat';
import type { Runtime } from './types';

/**
 * The runtimes, most used first.
 *
 * @public
 */
export const runtimes: readonly Runtime[] = [
  js,
  rust,
  go,
  python,
  c,
  cpp,
  dotnet,
  swift,
  wat,
  prebuilt,
];
