import styles from './CodeBlock.module.css';

/** Preformatted text that scrolls inside its own frame, by keyboard too. */
export function CodeBlock(props: {
  text: string;
  label: string;
  /** `log` announces nothing by itself, but says what the region is. */
  role?: 'region' | 'log';
  wrap?: boolean;
}) {
  return (
    <pre
      className={styles.root}
      data-wrap={props.wrap || undefined}
      role={props.role ?? 'region'}
      aria-label={props.label}
      aria-live={props.role === 'log' ? 'off' : undefined}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard
      tabIndex={0}
    >
      <code>{props.text}</code>
    </pre>
  );
}
