const ESC = '\u001b';
const BEL = '\u0007';
// Colours, cursor moves, links and titles of a terminal.
const ESCAPES = new RegExp(
  `${ESC}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)?|.)`,
  'g',
);

// Controls, and what is there without being seen: zero width, direction, tags.
const INVISIBLE =
  /[^\P{C}\n\t]|[\u2028\u2029\u{e0100}-\u{e01ef}\ufe00-\ufe0e]/gu;

/**
 * Text that a module, a cluster or a user wrote, as what it shows: without escape
 * sequences and without characters that nobody sees.
 *
 * @internal
 */
export function plainText(text: string): string {
  return text
    .replace(ESCAPES, '')
    .replace(/\r\n?/g, '\n')
    .replace(INVISIBLE, '');
}
