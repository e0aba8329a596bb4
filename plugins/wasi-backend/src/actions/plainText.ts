/**
 * Text that a module, a cluster or a user wrote, as what it shows: without escape
 * sequences and without characters that nobody sees.
 *
 * @internal
 */
export function plainText(text: string): string {
  return (
    text
      // Colours and cursor moves of a terminal, links and titles.
      // eslint-disable-next-line no-control-regex
      .replace(
        /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|.)/g,
        '',
      )
      .replace(/\r\n?/g, '\n')
      // Controls, and what is there without being seen: zero width, direction, tags.
      .replace(
        /[^\P{C}\n\t]|[\u2028\u2029\u{e0100}-\u{e01ef}\ufe00-\ufe0e]/gu,
        '',
      )
  );
}
