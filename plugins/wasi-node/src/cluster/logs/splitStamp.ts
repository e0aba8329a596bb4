/** Takes the time off a log line that was asked for with `timestamps`. @internal */
export function splitStamp(text: string): { stamp: string; line: string } {
  const [, stamp, line] = text.match(/^(\d{4}-\d\d-\d\dT\S+) ?(.*)$/s) ?? [];
  return stamp === undefined ? { stamp: '', line: text } : { stamp, line };
}
