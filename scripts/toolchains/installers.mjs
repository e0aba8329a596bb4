import { clang } from './clang/install.mjs';
import { jco } from './jco/install.mjs';
import { python } from './python/install.mjs';
import { rust } from './rust/install.mjs';
import { swift } from './swift/install.mjs';

/**
 * What can be installed, by name.
 *
 * `size`: on disk. `pins`: files that say what is installed. `install({ incoming, target })`
 * fills the folder `incoming`, which is renamed to `target`. `problems`: what to do where
 * the output matches.
 */
export const installers = { jco, clang, python, rust, swift };
