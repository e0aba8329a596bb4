const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const NAME_PART = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const NAME_RULE = `must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${NAME_PART}')`;

/** What is wrong with a name of up to 63 characters, such as a namespace's. */
export function labelFaults(name: string): string[] {
  return [
    ...tooLong(name, 63),
    ...(matches(name, LABEL)
      ? []
      : [
          `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`,
        ]),
  ];
}

/** What is wrong with a name that may have dots. */
export function subdomainFaults(name: string): string[] {
  return [
    ...tooLong(name, 253),
    ...(matches(name, SUBDOMAIN)
      ? []
      : [
          `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`,
        ]),
  ];
}

/** What is wrong with a `name` or `prefix/name`, such as the key of a label. */
export function qualifiedNameFaults(key: string): string[] {
  const parts = key.split('/');
  if (parts.length > 2) {
    return [
      `a qualified name ${NAME_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = parts.pop()!;
  const [prefix] = parts;
  return [
    ...(prefix === '' ? ['prefix part must be non-empty'] : []),
    ...(prefix ? subdomainFaults(prefix).map(why => `prefix part ${why}`) : []),
    ...(name === '' ? ['name part must be non-empty'] : []),
    ...tooLong(name, 63).map(why => `name part ${why}`),
    ...(matches(name, NAME_PART) ? [] : [`name part ${NAME_RULE}`]),
  ];
}

/** What is wrong with the value of a label. */
export function labelValueFaults(value: string): string[] {
  return [
    ...tooLong(value, 63),
    ...(value === '' || matches(value, NAME_PART)
      ? []
      : [
          `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${NAME_PART})?')`,
        ]),
  ];
}

function tooLong(text: string, limit: number): string[] {
  return text.length > limit
    ? [`must be no more than ${limit} characters`]
    : [];
}

function matches(text: string, pattern: string): boolean {
  return new RegExp(`^${pattern}$`).test(text);
}
